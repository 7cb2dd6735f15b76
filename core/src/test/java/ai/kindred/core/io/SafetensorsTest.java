package ai.kindred.core.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir private Path folder;

  private static StoredTensor filled(DType dtype, long... shape) {
    int bytes = (int) Shapes.bytes(shape, dtype.bytes());
    ByteBuffer data = ByteBuffer.allocate(bytes);
    for (int i = 0; i < bytes; i++) {
      data.put(i, (byte) (dtype.name().length() * 31 + i * 7));
    }
    return new StoredTensor(dtype, shape, data);
  }

  private static Map<String, StoredTensor> ofEveryType() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (DType dtype : DType.values()) {
      tensors.put("b." + dtype, filled(dtype, 3, 5));
      tensors.put("a." + dtype + " \u00e9\ud83d\ude00\"", filled(dtype));
      tensors.put("c." + dtype, filled(dtype, 2, 0));
    }
    return tensors;
  }

  /** Writes a file of a header and a number of data bytes. */
  private Path raw(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    return Files.write(folder.resolve("raw.safetensors"), file.array());
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path path = folder.resolve("all.safetensors");
    Map<String, StoredTensor> tensors = ofEveryType();
    Map<String, String> metadata = Map.of("format", "pt", "\u00e9", "\"\n");
    Safetensors.write(path, tensors, metadata);
    // The smallest stride makes a window of every 8 bytes, and longer tensors mappings of their
    // own.
    for (long stride : new long[] {8, 16, 64, MappedFile.STRIDE}) {
      try (SafetensorsFile file = SafetensorsFile.open(path, Math.max(stride, 8))) {
        assertThat(file.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        assertThat(file.metadata()).isEqualTo(metadata);
        for (String name : tensors.keySet()) {
          assertThat(file.get(name)).as(name).isEqualTo(tensors.get(name));
          assertThat(file.shape(name)).isEqualTo(file.get(name).shape());
          assertThat(file.get(name).data().isDirect()).isTrue();
        }
      }
    }
  }

  @Test
  void theLayoutIsTheReferencesOwn() throws IOException {
    Path path = folder.resolve("layout.safetensors");
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("z", StoredTensor.of(new int[] {1}, 1));
    tensors.put("u", filled(DType.UINT8, 1));
    tensors.put("b", StoredTensor.of(new float[] {1}));
    tensors.put("a", StoredTensor.of(new float[] {2}, 1, 1));
    tensors.put("l", StoredTensor.of(new long[] {3}, 1));
    Safetensors.write(path, tensors, Map.of());
    String header =
        "{\"l\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[12,16]},"
            + "\"z\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[16,20]},"
            + "\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[20,21]}}";
    int padded = (header.length() + 7) / 8 * 8;
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getLong()).isEqualTo(padded);
    assertThat(new String(file.array(), 8, padded, UTF_8))
        .isEqualTo(header + " ".repeat(padded - header.length()));
    assertThat(file.array()).hasSize(8 + padded + 21);
    try (SafetensorsFile read = SafetensorsFile.open(path)) {
      assertThat(read.names()).containsExactly("l", "a", "b", "z", "u");
    }
  }

  /** Files that the reference implementation wrote come out the same, byte for byte. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora-stories260K-qv/adapter_model.safetensors",
        "lora-stories260K-all/adapter_model.safetensors",
        "lora-stories260K-all/gradients.safetensors",
        "tiny-qwen3/model.safetensors"
      })
  void goldenFilesAreRewrittenToTheSameBytes(String name) throws IOException {
    Path golden = TestData.golden(name);
    Path copy = folder.resolve("copy.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(golden)) {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (String tensor : file.names()) {
        tensors.put(tensor, file.get(tensor));
      }
      Safetensors.write(copy, tensors, file.metadata());
    }
    assertThat(copy).hasSameBinaryContentAs(golden);
  }

  /** The converted checkpoint against the original one: 7 ints, then the embedding in floats. */
  @Test
  void stories260kHoldsTheOriginalsNumbers() throws IOException {
    Path original = TestData.data("stories260K/stories260K.bin");
    ByteBuffer bin = ByteBuffer.wrap(Files.readAllBytes(original)).order(ByteOrder.LITTLE_ENDIAN);
    float[] embedding = new float[512 * 64];
    bin.position(7 * 4);
    bin.asFloatBuffer().get(embedding);
    try (TensorSource source = TensorSource.open(TestData.data("stories260K/hf-converted"))) {
      StoredTensor tensor = source.get("model.embed_tokens.weight");
      assertThat(tensor.shape()).containsExactly(512, 64);
      assertThat(tensor.toFloats()).isEqualTo(embedding);
      long elements = 0;
      for (String name : source.names()) {
        elements += source.get(name).elements();
      }
      assertThat(elements).isEqualTo(260_032);
    }
  }

  @Test
  void filesBeyondTwoGibibytesAreRead() throws IOException {
    Path path = folder.resolve("large.safetensors");
    long first = 1_600_000_000L;
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1600000000],\"data_offsets\":[0,1600000000]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2147483648],"
            + "\"data_offsets\":[1600000000,3747483648]},"
            + "\"c\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[3747483648,3747483652]}}";
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      // Nothing is written between: the file system keeps the hole.
      file.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
      file.write(header.getBytes(UTF_8));
      long data = 8L + header.length();
      file.seek(data + first - 1);
      file.write(9);
      file.seek(data + 3_747_483_648L);
      file.write(new byte[] {4, 3, 2, 1});
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.get("a").data().get((int) first - 1)).isEqualTo((byte) 9);
      assertThat(file.get("c").data().getInt()).isEqualTo(0x01020304);
      assertThatThrownBy(() -> file.get("b"))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("holds a tensor of 2147483648 bytes; one of at most 2^31 - 1");
    }
  }

  @Test
  void typesWithoutACounterpartAreRefusedOnlyWhenRead() throws IOException {
    Path path =
        raw(
            "{\"eight\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"plain\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]}}",
            8);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.get("plain").toFloats()).containsExactly(0, 0);
      assertThat(file.shape("eight")).containsExactly(4);
      assertThatThrownBy(() -> file.get("eight"))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageStartingWith(path + ": the tensor `eight` has the type F8_E4M3; the types");
    }
  }

  @Test
  void unknownNamesAreSuggested() throws IOException {
    Path path = folder.resolve("one.safetensors");
    Safetensors.write(path, Map.of("lm_head.weight", StoredTensor.of(new float[1], 1)), Map.of());
    SafetensorsFile file = SafetensorsFile.open(path);
    assertThatThrownBy(() -> file.get("lm_head.weigth"))
        .hasMessage(
            path + ": has no tensor `lm_head.weigth` among its 1; did you mean `lm_head.weight`?");
    file.close();
    assertThatThrownBy(() -> file.get("lm_head.weight"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(path + " is closed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          [] | the header must be a JSON object
          {"a":1} | the tensor `a` must have exactly dtype
          {"a":{"dtype":"F32","shape":[1]}} | the tensor `a` must have exactly dtype
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}} | must have exactly dtype
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 bytes after the last tensor belong to none
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}} | has bytes 0 to 12 of the 8 after the header
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | has bytes 8 to 0 of the 8
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}} | has an offset that is no whole number
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}} | has an offset that is no whole number
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | is F32[3], 12 bytes, but its range has 8
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | has a dim that is no whole number
          {"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}} | overflows
          {"a":{"dtype":"X","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | overflows
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | starts at byte 66, but the header ends at 62: no hole
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | but `a` ends at 123: no overlap
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | Duplicate field 'a'
          {"__metadata__":{"x":1}} | __metadata__ must hold strings; `x` is none
          {"__metadata__":[]} | __metadata__ must be an object of strings
          {} {} | text after its JSON object
          {"a" | the header: not JSON at line 1
          """)
  void brokenHeadersAreRefused(String header, String reason) throws IOException {
    Path path = raw(header, 8);
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith(path.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void badLengthsAreRefused() throws IOException {
    Path path = folder.resolve("bad.safetensors");
    Files.write(path, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .hasMessage(path + ": a safetensors file starts with 8 bytes of length; this one has 3");
    Files.writeString(path, "<html>not found</html>");
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(
            "the header's length is 8029423821061908540; it must be between 2 and 14");
  }

  @Test
  void namesThatAreTakenCannotBeWritten() {
    Path path = folder.resolve("x.safetensors");
    Map<String, StoredTensor> tensors = Map.of("__metadata__", StoredTensor.of(new float[1]));
    assertThatThrownBy(() -> Safetensors.write(path, tensors, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no tensor can be called __metadata__");
    assertThat(folder).isEmptyDirectory();
  }
}
