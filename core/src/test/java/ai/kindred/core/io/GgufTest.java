package ai.kindred.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {

  @TempDir private Path folder;

  private static StoredTensor bytes(DType dtype, int elements) {
    ByteBuffer data = ByteBuffer.allocate(elements * dtype.bytes());
    for (int i = 0; i < data.capacity(); i++) {
      data.put(i, (byte) (3 * i + 1));
    }
    return new StoredTensor(dtype, new long[] {elements}, data);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", "llama");
    metadata.put("a.count", 3);
    metadata.put("a.long", -5L);
    metadata.put("a.float", 1.5f);
    metadata.put("a.double", 0.1);
    metadata.put("a.flag", true);
    metadata.put("a.words", List.of("", "ü", "three"));
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("z", StoredTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    for (DType dtype :
        List.of(
            DType.FLOAT16, DType.BFLOAT16, DType.FLOAT64, DType.INT8, DType.INT32, DType.INT64)) {
      tensors.put("t." + dtype, bytes(dtype, 7));
    }
    tensors.put("a.last", StoredTensor.of(new float[] {7}, 1, 1, 1));
    Path path = folder.resolve("x.gguf");
    Gguf.write(path, metadata, tensors);
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(List.copyOf(file.names())).isEqualTo(List.copyOf(tensors.keySet()));
      for (Map.Entry<String, StoredTensor> e : tensors.entrySet()) {
        assertThat(file.get(e.getKey())).as(e.getKey()).isEqualTo(e.getValue());
      }
      assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(file.metadata().integer("a.count")).isEqualTo(3);
      assertThat(file.metadata().integer("a.long")).isEqualTo(-5);
      assertThat(file.metadata().number("a.float")).isEqualTo(1.5);
      assertThat(file.metadata().number("a.double")).isEqualTo(0.1);
      assertThat(file.metadata().flag("a.flag")).isTrue();
      assertThat(file.metadata().strings("a.words")).containsExactly("", "ü", "three");
    }
  }

  /** The header's bytes as the format's page lays them out. */
  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    Path path = folder.resolve("x.gguf");
    Gguf.write(
        path, Map.of("k", 2), Map.of("w", StoredTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)));
    byte[] expected =
        new GgufBytes()
            .start(3, 1, 1)
            .string("k")
            .u32(4)
            .u32(2)
            .tensor("w", 0, 0, 3, 2)
            .align(32)
            .u32(Float.floatToIntBits(1))
            .toBytes();
    assertThat(Files.readAllBytes(path))
        .hasSize((expected.length + 20 + 31) / 32 * 32)
        .startsWith(expected);
  }

  @Test
  void whatTheFormatLacksIsRefused() {
    Path path = folder.resolve("x.gguf");
    assertThatThrownBy(() -> Gguf.write(path, Map.of("k", -1), Map.of()))
        .hasMessageContaining("k is -1");
    assertThatThrownBy(() -> Gguf.write(path, Map.of("k", List.of(1)), Map.of()))
        .hasMessageContaining("k is [1]");
    assertThatThrownBy(() -> Gguf.write(path, Map.of(), Map.of("b", bytes(DType.BOOL, 2))))
        .hasMessageContaining("b is BOOL");
    assertThatThrownBy(
            () ->
                Gguf.write(
                    path, Map.of(), Map.of("b", StoredTensor.of(new float[] {1}, 1, 1, 1, 1, 1))))
        .hasMessageContaining("4 dims");
    assertThat(folder).isEmptyDirectory();
  }
}
