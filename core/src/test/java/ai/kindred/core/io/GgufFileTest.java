package ai.kindred.core.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
  @TempDir private Path folder;

  private Path write(GgufBytes bytes) throws IOException {
    return Files.write(folder.resolve("x.gguf"), bytes.toBytes());
  }

  private void assertRefused(GgufBytes bytes, String reason) throws IOException {
    Path path = write(bytes);
    assertThatThrownBy(() -> GgufFile.open(path))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith(path + ": ")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void metadataOfEveryTypeIsRead(int version) throws IOException {
    GgufBytes bytes = new GgufBytes().start(version, 0, 15);
    bytes.string("u8").u32(0).u8(255);
    bytes.string("i8").u32(1).u8(255);
    bytes.string("u16").u32(2).u8(255).u8(255);
    bytes.string("i16").u32(3).u8(254).u8(255);
    bytes.string("u32").u32(4).u32(-1);
    bytes.string("i32").u32(5).u32(-1);
    bytes.string("f32").u32(6).u32(Float.floatToIntBits(0.1f));
    bytes.string("yes").u32(7).u8(1);
    bytes.string("text").u32(8).string("caf\u00e9 \ud83d\ude00");
    bytes.string("strings").u32(9).u32(8).u64(2).string("a").string("");
    bytes.string("u64").u32(10).u64(-1);
    bytes.string("i64").u32(11).u64(Long.MIN_VALUE);
    bytes.string("f64").u32(12).u64(Double.doubleToLongBits(0.1));
    bytes.string("ints").u32(9).u32(3).u64(2).u8(1).u8(0).u8(255).u8(255);
    bytes.string("floats").u32(9).u32(6).u64(1).u32(Float.floatToIntBits(-2.5f));
    try (GgufFile file = GgufFile.open(write(bytes))) {
      GgufMetadata metadata = file.metadata();
      assertThat(metadata.keys()).hasSize(15).startsWith("u8", "i8").endsWith("ints", "floats");
      assertThat(metadata.integer("u8")).isEqualTo(255);
      assertThat(metadata.integer("i8")).isEqualTo(-1);
      assertThat(metadata.integer("u16")).isEqualTo(65535);
      assertThat(metadata.integer("i16")).isEqualTo(-2);
      assertThat(metadata.integer("u32")).isEqualTo(4294967295L);
      assertThat(metadata.integer("i32")).isEqualTo(-1);
      assertThat(metadata.number("f32")).isEqualTo(0.1f);
      assertThat(metadata.flag("yes")).isTrue();
      assertThat(metadata.string("text")).isEqualTo("caf\u00e9 \ud83d\ude00");
      assertThat(metadata.strings("strings")).containsExactly("a", "");
      assertThat(metadata.number("u64")).isEqualTo(0x1p64);
      assertThat(metadata.integer("i64")).isEqualTo(Long.MIN_VALUE);
      assertThat(metadata.number("f64")).isEqualTo(0.1);
      assertThat(metadata.integers("ints")).containsExactly(1, -1);
      assertThat(metadata.numbers("floats")).containsExactly(-2.5);
      assertThat(metadata.has("none")).isFalse();
      assertThatThrownBy(() -> metadata.integer("u46"))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("the metadata has no `u46`; did you mean `u");
      assertThatThrownBy(() -> metadata.integer("u64"))
          .hasMessageEndingWith("`u64` of the metadata must be an integer of at most 2^63 - 1");
      assertThatThrownBy(() -> metadata.strings("ints"))
          .hasMessageEndingWith("`ints` of the metadata must be an array of strings");
    }
  }

  @Test
  void plainTensorsAreViewsInPyTorchsOrder() throws IOException {
    GgufBytes bytes = new GgufBytes().start(3, 5, 1);
    bytes.string("general.alignment").u32(4).u32(8);
    bytes.tensor("f", 0, 0, 3, 2).tensor("h", 1, 24, 2).tensor("b", 30, 32, 2);
    bytes.tensor("i", 26, 40).tensor("new", 39, 48, 64);
    bytes.align(8);
    for (float value : new float[] {1, 2, 3, 4, 5, 6}) {
      bytes.u32(Float.floatToIntBits(value));
    }
    bytes.u32(0xc0003c00L).u32(0).u32(0xc0003f80L).u32(0).u32(-7).u32(0).u64(0);
    Path path = write(bytes);
    try (TensorSource file = TensorSource.open(folder)) {
      assertThat(file.names()).containsExactly("f", "h", "b", "i", "new");
      assertThat(file.get("f")).isEqualTo(StoredTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
      assertThat(file.get("h").dtype()).isEqualTo(DType.FLOAT16);
      assertThat(file.get("h").toFloats()).containsExactly(1, -2);
      assertThat(file.get("b").dtype()).isEqualTo(DType.BFLOAT16);
      assertThat(file.get("b").toFloats()).containsExactly(1, -2);
      assertThat(file.get("i")).isEqualTo(StoredTensor.of(new int[] {-7}));
      assertThat(file.shape("f")).containsExactly(2, 3);
      assertThatThrownBy(() -> file.get("new"))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageStartingWith(path + ": the tensor `new` has the ggml type 39; the types read");
    }
  }

  @Test
  void smolLm2IsRead() throws IOException {
    Path path = TestData.data("smollm2-135m-instruct/model.Q4_1.gguf");
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.names()).hasSize(272);
      assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(file.metadata().integer("llama.embedding_length")).isEqualTo(576);
      assertThat(file.metadata().strings("tokenizer.ggml.tokens")).hasSize(49152);
      assertThat(file.metadata().integers("tokenizer.ggml.token_type")).hasSize(49152);
      assertTensor(file, "token_embd.weight", "Q8_0", 964192520L, 49152, 576);
      assertTensor(file, "blk.3.ffn_down.weight", "Q4_1", 1922726558L, 576, 1536);
      assertTensor(file, "blk.29.attn_v.weight", "Q4_1", 161200105L, 192, 576);
      assertTensor(file, "output_norm.weight", "F32", 3330350700L, 576);
    }
  }

  /** CRC-32 of the floats as gguf-py 0.19.0 dequantises them. */
  private static void assertTensor(GgufFile file, String name, String type, long crc, long... shape)
      throws IOException {
    StoredTensor tensor = file.get(name);
    assertThat(file.storedType(name)).isEqualTo(type);
    assertThat(tensor.dtype()).isEqualTo(DType.FLOAT32);
    assertThat(tensor.shape()).isEqualTo(shape);
    CRC32 found = new CRC32();
    found.update(tensor.data());
    assertThat(found.getValue()).as(name).isEqualTo(crc);
  }

  @Test
  void otherFilesAndVersionsAreRefused() throws IOException {
    assertRefused(new GgufBytes(), "the header ends within the magic number, at byte 0");
    assertRefused(new GgufBytes().bytes("GGML".getBytes(UTF_8)).u32(1), "starts with the letters");
    assertRefused(new GgufBytes().start(1, 0, 0), "GGUF version 1; versions 2 and 3 are read");
    assertRefused(new GgufBytes().start(4, 0, 0), "GGUF version 4");
    assertRefused(new GgufBytes().start(3 << 24, 0, 0), "the file is big-endian");
    assertRefused(new GgufBytes().start(3, 1, 0), "the header ends within a tensor's name");
    GgufBytes split = new GgufBytes().start(3, 0, 1).string("split.count").u32(2).u8(2).u8(0);
    assertRefused(split, "is one of 2 parts of a split model");
  }

  @Test
  void hostileCountsAreRefusedBeforeMemoryIsTaken() throws IOException {
    assertRefused(
        new GgufBytes().start(3, -1, 0),
        "the number of tensors is 18446744073709551615; at most 262144 are read");
    assertRefused(new GgufBytes().start(3, 0, 1L << 40), "the number of keys is 1099511627776");
    GgufBytes longKey = new GgufBytes().start(3, 0, 1).u64(1L << 62).u8('a');
    assertRefused(longKey, "a key is a string of 4611686018427387904 bytes where 1 are left");
    GgufBytes array = new GgufBytes().start(3, 0, 1).string("a").u32(9).u32(4);
    assertRefused(array.u64(1L << 60), "the length of `a` is 1152921504606846976");
    array = new GgufBytes().start(3, 0, 1).string("a").u32(9).u32(4);
    assertRefused(array.u64(1 << 22), "the header ends within a");
    array = new GgufBytes().start(3, 0, 1).string("a").u32(9);
    for (int i = 0; i < 100_000; i++) {
      array.u32(9).u64(1);
    }
    assertRefused(array, "`a` nests arrays more than 4 deep");
    assertRefused(new GgufBytes().start(3, 0, 1).string("a").u32(13), "the value type 13");
    assertRefused(new GgufBytes().start(3, 0, 1).string("a").u32(7).u8(2), "it must be 0 or 1");
    GgufBytes twice = new GgufBytes().start(3, 0, 2);
    twice.string("a").u32(7).u8(1).string("a").u32(7).u8(1);
    assertRefused(twice, "the key `a` is there twice");
    GgufBytes latin = new GgufBytes().start(3, 0, 1).u64(1).u8(0xe9).u32(7).u8(1);
    assertRefused(latin, "a key is not UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0x20, 8, -1, 'starts at 32, no multiple'",
    "0, -32, 8, 1, 'no multiple of the alignment, 32'",
    "0, 0x40, 8, 1, 'has 32 bytes at 64 of the 64 after the header'",
    "0, 0, 17, 1, 'has 68 bytes at 0 of the 64'",
    "0, 0, 0x7fffffffffffffff, 1, 'larger than the file'",
    "0, 0, -1, 1, 'has a negative dim'",
    "0, 0, 0x100000000, 0x100000000, 'overflows'",
    "2, 0, 33, 1, 'has rows of 33 elements, no multiple of Q4_0''s block of 32'",
    "12, 0, 256, 1, 'has 144 bytes at 0 of the 64'",
    "99, 0x7fffffffffffffe0, 8, 1, 'has 0 bytes at 9223372036854775776'"
  })
  void tensorsOutsideTheFileAreRefused(
      int type, String offset, String dim, String other, String reason) throws IOException {
    boolean oddAlignment = other.equals("-1");
    GgufBytes bytes = new GgufBytes().start(3, 1, oddAlignment ? 1 : 0);
    if (oddAlignment) {
      bytes.string("general.alignment").u32(4).u32(64);
    }
    long dims = oddAlignment ? 1 : Long.decode(other);
    bytes.tensor("t", type, Long.decode(offset), Long.decode(dim), dims);
    bytes.align(oddAlignment ? 64 : 32).bytes(new byte[64]);
    assertRefused(bytes, reason);
  }

  @Test
  void tensorsThatShareBytesOrNamesAreRefused() throws IOException {
    GgufBytes overlap = new GgufBytes().start(3, 2, 0);
    overlap.tensor("a", 0, 0, 16).tensor("b", 0, 32, 8).align(32).bytes(new byte[64]);
    assertRefused(overlap, "the tensor `b` overlaps the tensor `a`");
    GgufBytes twice = new GgufBytes().start(3, 2, 0);
    twice.tensor("a", 0, 0, 8).tensor("a", 0, 32, 8).align(32).bytes(new byte[64]);
    assertRefused(twice, "the tensor `a` is there twice");
    GgufBytes dims = new GgufBytes().start(3, 1, 0).tensor("a", 0, 0, 1, 1, 1, 1, 1);
    assertRefused(dims, "has 5 dims; at most 4 can be");
    for (long alignment : new long[] {0, 3, 4, 1L << 31, -1}) {
      GgufBytes odd = new GgufBytes().start(3, 0, 1).string("general.alignment").u32(4);
      assertRefused(odd.u32(alignment), "general.alignment must be a power of two");
    }
  }

  @Test
  void emptyTensorsAreRead() throws IOException {
    GgufBytes bytes = new GgufBytes().start(3, 1, 0).tensor("a", 2, 0, 32, 0).align(32);
    try (GgufFile file = GgufFile.open(write(bytes))) {
      assertThat(file.get("a").shape()).containsExactly(0, 32);
      assertThat(file.get("a").toFloats()).isEmpty();
    }
  }
}
