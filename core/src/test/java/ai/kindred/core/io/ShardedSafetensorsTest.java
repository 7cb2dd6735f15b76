package ai.kindred.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedSafetensorsTest {
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";

  @TempDir private Path folder;
  private Path index;

  @BeforeEach
  void writeShards() throws IOException {
    index = folder.resolve("model.safetensors.index.json");
    Safetensors.write(
        folder.resolve(ONE),
        Map.of("a", StoredTensor.of(new float[] {1}, 1), "b", StoredTensor.of(new float[] {2}, 1)),
        Map.of());
    Safetensors.write(
        folder.resolve(TWO), Map.of("c", StoredTensor.of(new float[] {3}, 1)), Map.of());
  }

  private void writeIndex(String weightMap) throws IOException {
    Files.writeString(index, "{\"metadata\":{\"total_size\":12},\"weight_map\":" + weightMap + "}");
  }

  @Test
  void tensorsComeFromTheirFiles() throws IOException {
    writeIndex("{\"c\":\"" + TWO + "\",\"a\":\"" + ONE + "\"}");
    try (TensorSource source = TensorSource.open(folder)) {
      assertThat(source).isInstanceOf(ShardedSafetensors.class);
      assertThat(source.names()).containsExactly("c", "a");
      assertThat(source.get("c").toFloats()).containsExactly(3);
      assertThat(source.get("a").toFloats()).containsExactly(1);
      assertThat(source.shape("a")).containsExactly(1);
      assertThatThrownBy(() -> source.get("b"))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageStartingWith(index + ": has no tensor `b` among its 2");
    }
  }

  @Test
  void missingFilesAndTensorsAreNamed() throws IOException {
    writeIndex("{\"a\":\"" + ONE + "\",\"x\":\"model-3.safetensors\"}");
    assertThatThrownBy(() -> TensorSource.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessage(index + ": names 2 files; missing are model-3.safetensors");
    writeIndex("{\"a\":\"" + TWO + "\",\"c\":\"" + TWO + "\"}");
    assertThatThrownBy(() -> TensorSource.open(index))
        .isInstanceOf(MalformedFileException.class)
        .hasMessage(index + ": names tensors that their files do not have: a of " + TWO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x.safetensors",
        "/etc/x.safetensors",
        "sub/x.safetensors",
        "..\\\\x.safetensors",
        "C:x.safetensors",
        "x.bin",
        "",
        "..",
        "a\\u0000.safetensors",
        "pytorch_model.bin"
      })
  void onlyPlainNamesInTheFolderAreOpened(String name) throws IOException {
    writeIndex("{\"a\":\"" + name + "\"}");
    assertThatThrownBy(() -> ShardedSafetensors.open(index))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageEndingWith("it must be a plain file name that ends with .safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "3", "{\"a\":3}", "{\"a\":null}"})
  void brokenMapsAreRefused(String map) throws IOException {
    writeIndex(map);
    assertThatThrownBy(() -> ShardedSafetensors.open(index))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("must");
  }

  @Test
  void pathsWithoutWeightsAreExplained() throws IOException {
    assertThatThrownBy(() -> TensorSource.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith(folder + ": the folder has no model.safetensors");
    Files.createFile(folder.resolve("b.gguf"));
    Files.createFile(folder.resolve("a.gguf"));
    assertThatThrownBy(() -> TensorSource.open(folder))
        .hasMessageContaining("the folder has several .gguf files, name one of them: [");
    assertThatThrownBy(() -> TensorSource.open(folder.resolve("none.bin")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> TensorSource.open(Files.createFile(folder.resolve("m.bin"))))
        .hasMessageContaining("weights are read from .safetensors");
  }
}
