package ai.kindred.core.io;

import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes GGUF files, version 3, little-endian, with plain tensors. */
public final class Gguf {

  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int UINT32 = 4;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int INT64 = 11;
  private static final int FLOAT64 = 12;

  private Gguf() {}

  /**
   * Writes a file whole or not at all.
   *
   * @param metadata key-value pairs in order: Integer (not negative, written as uint32), Long,
   *     Float, Double, Boolean, String, or a list of strings
   * @param tensors in order; floating or integer types that the format has
   * @throws IllegalArgumentException for other values, types, or tensors of more than 4 dims
   */
  public static void write(
      Path path, Map<String, Object> metadata, Map<String, StoredTensor> tensors)
      throws IOException {
    metadata.forEach(Gguf::requireKnown);
    tensors.forEach(
        (name, tensor) -> {
          type(name, tensor.dtype());
          if (tensor.shape().length > 4) {
            throw new IllegalArgumentException(name + " has more than the 4 dims that GGUF has");
          }
        });
    AtomicFiles.write(path, out -> new Output(out).file(metadata, tensors));
  }

  private static void requireKnown(String key, Object value) {
    boolean known =
        (value instanceof Integer i && i >= 0)
            || value instanceof Long
            || value instanceof Float
            || value instanceof Double
            || value instanceof Boolean
            || value instanceof String
            || (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance));
    if (!known) {
      throw new IllegalArgumentException(
          key
              + " is "
              + value
              + ", a "
              + value.getClass().getSimpleName()
              + " that GGUF has no form for here");
    }
  }

  private static int type(String name, DType dtype) {
    for (GgmlType type : GgmlType.values()) {
      if (type.plain == dtype) {
        return type.id;
      }
    }
    throw new IllegalArgumentException(name + " is " + dtype + ", which GGUF has no type for");
  }

  /** Counts what it writes. */
  private static final class Output {
    private final OutputStream out;
    private long written;

    Output(OutputStream out) {
      this.out = out;
    }

    void file(Map<String, Object> metadata, Map<String, StoredTensor> tensors) throws IOException {
      bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
      int32(VERSION);
      int64(tensors.size());
      int64(metadata.size());
      for (Map.Entry<String, Object> pair : metadata.entrySet()) {
        string(pair.getKey());
        value(pair.getValue());
      }
      long offset = 0;
      for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
        StoredTensor tensor = entry.getValue();
        string(entry.getKey());
        long[] shape = tensor.shape();
        int32(shape.length);
        for (int i = shape.length - 1; i >= 0; i--) {
          int64(shape[i]);
        }
        int32(type(entry.getKey(), tensor.dtype()));
        int64(offset);
        offset = aligned(offset + tensor.data().remaining());
      }
      byte[] chunk = new byte[1 << 16];
      for (StoredTensor tensor : tensors.values()) {
        align();
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
          int n = Math.min(chunk.length, data.remaining());
          data.get(chunk, 0, n);
          out.write(chunk, 0, n);
          written += n;
        }
      }
      align();
    }

    private void value(Object value) throws IOException {
      if (value instanceof Integer i) {
        int32(UINT32);
        int32(i);
      } else if (value instanceof Long l) {
        int32(INT64);
        int64(l);
      } else if (value instanceof Float f) {
        int32(FLOAT32);
        int32(Float.floatToRawIntBits(f));
      } else if (value instanceof Double d) {
        int32(FLOAT64);
        int64(Double.doubleToRawLongBits(d));
      } else if (value instanceof Boolean b) {
        int32(BOOL);
        bytes(new byte[] {(byte) (b ? 1 : 0)});
      } else if (value instanceof String s) {
        int32(STRING);
        string(s);
      } else if (value instanceof List<?> list) {
        int32(ARRAY);
        int32(STRING);
        int64(list.size());
        for (Object s : list) {
          string(String.valueOf(s));
        }
      }
    }

    private void string(String text) throws IOException {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      int64(utf8.length);
      bytes(utf8);
    }

    private void int32(int number) throws IOException {
      bytes(little(Integer.BYTES).putInt(number).array());
    }

    private void int64(long number) throws IOException {
      bytes(little(Long.BYTES).putLong(number).array());
    }

    private static ByteBuffer little(int bytes) {
      return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void align() throws IOException {
      bytes(new byte[(int) (aligned(written) - written)]);
    }

    private static long aligned(long place) {
      return (place + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void bytes(byte[] bytes) throws IOException {
      out.write(bytes);
      written += bytes.length;
    }
  }
}
