package ai.kindred.core.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Named tensors of a file or folder. Safe for use by several threads. */
public interface TensorSource extends Closeable {

  /** Names in the file's order. */
  Set<String> names();

  /**
   * Dims of a tensor in PyTorch's order, without reading its values.
   *
   * @throws MalformedFileException where there is no tensor of that name; the nearest is named
   */
  long[] shape(String name) throws IOException;

  /**
   * A tensor.
   *
   * @throws MalformedFileException where there is no tensor of that name (the nearest is named), or
   *     its type cannot be read
   * @throws IllegalStateException after {@link #close}
   */
  StoredTensor get(String name) throws IOException;

  /** Releases the file; tensors that were read stay valid. */
  @Override
  void close() throws IOException;

  /**
   * The tensors at a path: a {@code .safetensors} file, a {@code .gguf} file, an index file ({@code
   * .safetensors.index.json}), or a folder with {@code model.safetensors}, {@code
   * model.safetensors.index.json}, {@code adapter_model.safetensors} or one {@code .gguf} file,
   * looked for in that order.
   */
  static TensorSource open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return open(weightsIn(path));
    }
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".safetensors")) {
      return SafetensorsFile.open(path);
    }
    if (name.endsWith(".safetensors.index.json")) {
      return ShardedSafetensors.open(path);
    }
    if (name.endsWith(".gguf")) {
      return GgufFile.open(path);
    }
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    throw new MalformedFileException(
        path, "weights are read from .safetensors, .safetensors.index.json and .gguf files");
  }

  private static Path weightsIn(Path folder) throws IOException {
    for (String name :
        List.of("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    List<Path> ggufs;
    try (Stream<Path> files = Files.list(folder)) {
      ggufs = files.filter(f -> f.toString().endsWith(".gguf")).sorted().toList();
    }
    if (ggufs.size() == 1) {
      return ggufs.get(0);
    }
    throw new MalformedFileException(
        folder,
        ggufs.isEmpty()
            ? "the folder has no model.safetensors, model.safetensors.index.json,"
                + " adapter_model.safetensors or .gguf file"
            : "the folder has several .gguf files, name one of them: " + ggufs);
  }
}
