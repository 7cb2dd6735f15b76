package ai.kindred.core.io;

import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;

/**
 * A GGUF file (versions 2 and 3, little-endian), memory-mapped. Names are the file's own ({@code
 * blk.0.attn_q.weight}), and so are the values: llama-family files hold the rows of q and k
 * permuted for interleaved rotary embedding.
 */
public final class GgufFile implements TensorSource {
  private final MappedFile file;
  private final GgufHeader header;
  private final GgufMetadata metadata;

  private GgufFile(MappedFile file, GgufHeader header) {
    this.file = file;
    this.header = header;
    this.metadata = new GgufMetadata(file.path(), header.metadata());
  }

  /**
   * Opens a file and checks its whole header.
   *
   * @throws MalformedFileException where the file breaks the format
   */
  public static GgufFile open(Path path) throws IOException {
    MappedFile file = MappedFile.open(path, MappedFile.STRIDE);
    try {
      return new GgufFile(file, GgufHeader.read(file));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The key-value pairs of the header: architecture, sizes, tokenizer. */
  public GgufMetadata metadata() {
    return metadata;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public long[] shape(String name) throws IOException {
    return entry(name).shape().clone();
  }

  /** The type of a tensor's elements as the format calls it, such as {@code Q4_1}. */
  public String storedType(String name) throws IOException {
    GgufHeader.Entry entry = entry(name);
    GgmlType type = entry.type();
    return type == null ? "ggml type " + Integer.toUnsignedString(entry.typeId()) : type.name();
  }

  /**
   * A tensor: FLOAT32 in new memory where the file holds quantised blocks (Q4_0, Q4_1, Q5_0, Q5_1,
   * Q8_0, Q4_K, Q5_K, Q6_K), else a view of the file in its own type (F32, F16, BF16, F64, I8 to
   * I64); {@link StoredTensor#toFloats} gives floats of either.
   *
   * @throws MalformedFileException for other types and unknown names
   */
  @Override
  public StoredTensor get(String name) throws IOException {
    return read(name, StoredTensor::allocate);
  }

  /**
   * As {@link #get(String)}, with the floats of quantised blocks written into memory that is given:
   * the tensor is valid until that is used again.
   *
   * @param floats direct memory of {@link #mostFloatBytes} at least
   * @throws IllegalArgumentException if it does not hold the tensor
   */
  public StoredTensor get(String name, ByteBuffer floats) throws IOException {
    return read(
        name,
        (elements, bytes) -> {
          if (elements * bytes > floats.capacity()) {
            throw new IllegalArgumentException(
                floats.capacity() + " bytes do not hold the " + elements + " floats of " + name);
          }
          return floats
              .duplicate()
              .clear()
              .limit(Math.toIntExact(elements * bytes))
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
        });
  }

  /** Bytes that the largest tensor of quantised blocks takes as floats; 0 where there is none. */
  public int mostFloatBytes() {
    return header.tensors().values().stream()
        .filter(e -> e.type() != null && e.type().plain == null)
        .mapToLong(e -> Shapes.elements(e.shape()) * Float.BYTES)
        .filter(bytes -> bytes <= Integer.MAX_VALUE)
        .mapToInt(Math::toIntExact)
        .max()
        .orElse(0);
  }

  /** Memory for so many elements of so many bytes each. */
  private interface Memory {
    ByteBuffer of(long elements, int bytes);
  }

  private StoredTensor read(String name, Memory memory) throws IOException {
    GgufHeader.Entry entry = entry(name);
    GgmlType type = entry.type();
    if (type == null) {
      throw new MalformedFileException(
          file.path(),
          "the tensor `"
              + name
              + "` has the "
              + storedType(name)
              + "; the types read here are "
              + Arrays.toString(GgmlType.values()));
    }
    long[] shape = entry.shape();
    ByteBuffer data = file.slice(entry.offset(), entry.bytes());
    if (type.plain != null) {
      return new StoredTensor(type.plain, shape, data);
    }
    if (Shapes.elements(shape) > Integer.MAX_VALUE / Float.BYTES) {
      throw new MalformedFileException(
          file.path(),
          "the tensor `" + name + "` would take more than 2 GiB as floats, which is not read here");
    }
    return new StoredTensor(
        DType.FLOAT32,
        shape,
        Dequantizer.toFloats(type, data, memory.of(Shapes.elements(shape), Float.BYTES)));
  }

  private GgufHeader.Entry entry(String name) throws MalformedFileException {
    GgufHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw Missing.tensor(file.path(), name, header.tensors().keySet());
    }
    return entry;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
