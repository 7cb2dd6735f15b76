package ai.kindred.core.io;

import ai.kindred.core.config.Names;
import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, memory-mapped: tensors are views of the file. Opening checks the whole header
 * (length, JSON, types against shapes against byte ranges, no holes, no overlaps), so reading
 * cannot leave the file.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class SafetensorsFile implements TensorSource {
  private final MappedFile file;
  private final SafetensorsHeader header;

  private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws MalformedFileException where the file breaks the format
   */
  public static SafetensorsFile open(Path path) throws IOException {
    return open(path, MappedFile.STRIDE);
  }

  /** Opens a file with mappings of a given size, so that tests need no large files. */
  static SafetensorsFile open(Path path, long stride) throws IOException {
    MappedFile file = MappedFile.open(path, stride);
    try {
      return new SafetensorsFile(file, SafetensorsHeader.read(file));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public long[] shape(String name) throws IOException {
    return header.entry(file.path(), name).shape().clone();
  }

  /**
   * A tensor of any type that {@link DType} has, as stored.
   *
   * @throws MalformedFileException for other types (the 8-bit floats, for instance) and unknown
   *     names
   */
  @Override
  public StoredTensor get(String name) throws IOException {
    SafetensorsHeader.Entry entry = header.entry(file.path(), name);
    DType dtype = entry.known();
    if (dtype == null) {
      throw new MalformedFileException(
          file.path(),
          "the tensor `"
              + name
              + "` has the type "
              + Names.printable(entry.dtype())
              + "; the types read here are "
              + SafetensorsHeader.DTYPES.keySet().stream().sorted().toList());
    }
    return new StoredTensor(dtype, entry.shape(), file.slice(entry.offset(), entry.bytes()));
  }

  /** The strings of the header's {@code __metadata__}, in order; empty without it. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
