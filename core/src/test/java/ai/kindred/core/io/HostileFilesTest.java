package ai.kindred.core.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of damaged and hostile files: each is refused with a {@link MalformedFileException} or
 * read in full, and neither takes the memory or the time that its numbers claim.
 */
@Timeout(60)
class HostileFilesTest {
  private static final int CASES = 300;

  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    2,
    3,
    255,
    256,
    4096,
    65_536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    (1L << 32) - 1,
    1L << 40,
    1L << 61,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 7
  };

  private static final List<String> HOSTILE_JSON =
      List.of(
          "-1",
          "0",
          "1",
          "7",
          "8",
          "9",
          "0.5",
          "1e3",
          "1e999",
          "-0",
          "9223372036854775807",
          "9223372036854775808",
          "99999999999999999999999",
          "4294967296",
          "4611686018427387904",
          "null",
          "true",
          "\"\"",
          "\"F8_E4M3\"",
          "\"F32\"",
          "\"I64\"",
          "{}",
          "[]",
          "[0,8]",
          "[8,0]",
          "[0,0]",
          "[-8,8]",
          "[0,9223372036854775807]",
          "[4294967296,4294967296]",
          "[1,2,3]",
          "[[]]",
          "[".repeat(3000),
          "[".repeat(3000) + "]".repeat(3000),
          "{\"a\":".repeat(3000),
          "\u0000",
          "9".repeat(1500),
          "\"" + "x".repeat(60_000) + "\"",
          "\"\\ud800\"",
          "\"../../x\"");

  @TempDir private Path folder;

  private enum Damage {
    TRUNCATED,
    FLIPPED,
    HOSTILE
  }

  /** Makes a hostile variant of a file's bytes. */
  private interface Attack {
    byte[] on(byte[] bytes, SplittableRandom random);
  }

  @Test
  void safetensors() throws IOException {
    byte[] valid = safetensorsBytes();
    int header = (int) little(valid).getLong(0);
    attack("model.safetensors", valid, 8 + header, HostileFilesTest::hostileSafetensors);
  }

  @Test
  void gguf() throws IOException {
    byte[] valid = ggufBytes();
    attack("model.gguf", valid, ggufHeaderBytes(), HostileFilesTest::hostileGguf);
  }

  @Test
  void shardIndex() throws IOException {
    Files.write(folder.resolve("s1.safetensors"), safetensorsBytes());
    String index =
        "{\"metadata\": {\"total_size\": 100}, \"weight_map\": {"
            + "\"f32\": \"s1.safetensors\", \"u8\": \"s1.safetensors\"}}";
    byte[] valid = index.getBytes(UTF_8);
    attack("model.safetensors.index.json", valid, valid.length, HostileFilesTest::hostileJson);
  }

  private void attack(String name, byte[] valid, int headerBytes, Attack hostile)
      throws IOException {
    assertThat(refusal(name, valid)).isNull();
    for (Damage damage : Damage.values()) {
      int refused = 0;
      for (int i = 0; i < CASES; i++) {
        SplittableRandom random = Key.of(11).fold(name).fold(damage.name()).fold(i).random();
        byte[] bytes =
            switch (damage) {
              case TRUNCATED -> Arrays.copyOf(valid, random.nextInt(valid.length));
              case FLIPPED -> flipped(valid, headerBytes, random);
              case HOSTILE -> hostile.on(valid, random);
            };
        String refusal = refusal(name, bytes);
        if (refusal != null) {
          refused++;
          assertThat(refusal).startsWith(folder.toString()).hasSizeLessThan(4000);
        }
      }
      // A flip may hit a name or an element, but no cut can go unnoticed.
      assertThat(refused).as("%s %s", name, damage).isGreaterThan(CASES / 4);
      if (damage == Damage.TRUNCATED) {
        assertThat(refused).isEqualTo(CASES);
      }
    }
  }

  /** Reads everything; the message of a refusal, or null. Any other exception fails the test. */
  private @Nullable String refusal(String name, byte[] bytes) throws IOException {
    Path path = Files.write(folder.resolve(name), bytes);
    try (TensorSource source = TensorSource.open(path)) {
      for (String tensor : source.names()) {
        long[] shape = source.shape(tensor);
        StoredTensor read = source.get(tensor);
        assertThat(read.shape()).isEqualTo(shape);
        assertThat(read.data().remaining()).isLessThan(100 * 8192);
      }
      return null;
    } catch (MalformedFileException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static byte[] flipped(byte[] valid, int headerBytes, SplittableRandom random) {
    byte[] bytes = valid.clone();
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      bytes[random.nextInt(headerBytes)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** Replaces a number, string, list or the length itself; or puts hostile JSON somewhere. */
  private static byte[] hostileSafetensors(byte[] valid, SplittableRandom random) {
    int length = (int) little(valid).getLong(0);
    if (random.nextInt(4) == 0) {
      byte[] bytes = valid.clone();
      long extreme = EXTREMES[random.nextInt(EXTREMES.length)];
      little(bytes).putLong(0, random.nextBoolean() ? extreme : length + extreme);
      return bytes;
    }
    byte[] header = hostileJson(Arrays.copyOfRange(valid, 8, 8 + length), random);
    int data = valid.length - 8 - length;
    byte[] result = new byte[8 + header.length + data];
    little(result).putLong(header.length).put(header).put(valid, 8 + length, data);
    return result;
  }

  private static byte[] hostileJson(byte[] valid, SplittableRandom random) {
    String text = new String(valid, UTF_8);
    String piece = HOSTILE_JSON.get(random.nextInt(HOSTILE_JSON.size()));
    int from = random.nextInt(text.length());
    // From the start of a value up to the next comma or bracket, so that most results are JSON.
    int start = Math.max(text.indexOf(':', from), 0) + 1;
    int end = start;
    while (end < text.length() && ",]}".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    if (end < text.length() && text.charAt(end) == ',' && text.charAt(start) == '[') {
      end = text.indexOf(']', end) + 1;
    }
    return (text.substring(0, start) + piece + text.substring(end)).getBytes(UTF_8);
  }

  /** Overwrites 4 or 8 bytes of the header by an extreme number. */
  private static byte[] hostileGguf(byte[] valid, SplittableRandom random) {
    byte[] bytes = valid.clone();
    int at = random.nextInt(ggufHeaderBytes() - 8);
    long extreme = EXTREMES[random.nextInt(EXTREMES.length)];
    if (random.nextBoolean()) {
      little(bytes).putLong(at, extreme);
    } else {
      little(bytes).putInt(at, (int) extreme);
    }
    return bytes;
  }

  private byte[] safetensorsBytes() throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("f32", StoredTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("i64", StoredTensor.of(new long[] {1, 2}, 2));
    tensors.put("u8", new StoredTensor(DType.UINT8, new long[] {3}, ByteBuffer.allocate(3)));
    tensors.put("scalar", StoredTensor.of(new int[] {1}));
    Path path = folder.resolve("valid.safetensors");
    Safetensors.write(path, tensors, Map.of("format", "pt"));
    return Files.readAllBytes(path);
  }

  /** Keys of every kind and a tensor of every type; the file ends with the last one's bytes. */
  private static byte[] ggufBytes() {
    GgufBytes bytes = new GgufBytes().start(3, GgmlType.values().length, 6);
    bytes.string("general.architecture").u32(8).string("llama");
    bytes.string("general.alignment").u32(4).u32(32);
    bytes.string("scale").u32(6).u32(Float.floatToIntBits(1));
    bytes.string("flag").u32(7).u8(1);
    bytes.string("tokens").u32(9).u32(8).u64(3).string("a").string("bc").string("\u00e9");
    bytes.string("nested").u32(9).u32(9).u64(2).u32(0).u64(2).u8(1).u8(2).u32(6).u64(1).u32(0);
    int end = 0;
    for (GgmlType type : GgmlType.values()) {
      int start = (end + 31) / 32 * 32;
      bytes.tensor("t." + type, type.id, start, type.blockElements, 1);
      end = start + type.blockBytes;
    }
    byte[] data = new byte[end];
    Arrays.fill(data, (byte) 0x35);
    return bytes.align(32).bytes(data).toBytes();
  }

  /** Bytes of {@link #ggufBytes} before the tensors' own. */
  private static int ggufHeaderBytes() {
    int data = 0;
    for (GgmlType type : GgmlType.values()) {
      data = (data + 31) / 32 * 32 + type.blockBytes;
    }
    return ggufBytes().length - data;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
