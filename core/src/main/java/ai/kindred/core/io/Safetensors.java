package ai.kindred.core.io;

import ai.kindred.core.kernel.DType;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes safetensors files, byte for byte as the reference implementation lays them out. */
public final class Safetensors {
  /** Types by descending alignment, as the reference sorts them, with their names in files. */
  static final List<Map.Entry<DType, String>> ORDER =
      List.of(
          Map.entry(DType.INT64, "I64"),
          Map.entry(DType.FLOAT64, "F64"),
          Map.entry(DType.FLOAT32, "F32"),
          Map.entry(DType.INT32, "I32"),
          Map.entry(DType.BFLOAT16, "BF16"),
          Map.entry(DType.FLOAT16, "F16"),
          Map.entry(DType.INT16, "I16"),
          Map.entry(DType.INT8, "I8"),
          Map.entry(DType.UINT8, "U8"),
          Map.entry(DType.BOOL, "BOOL"));

  private Safetensors() {}

  /**
   * Writes a file whole or not at all: tensors sorted by type (widest first), then by name.
   *
   * @param metadata strings for the header, written by name; Hugging Face's readers want {@code
   *     format=pt} in model files
   * @throws IllegalArgumentException where a tensor is called {@code __metadata__}
   */
  public static void write(
      Path path, Map<String, StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, StoredTensor>> sorted =
        tensors.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<String, StoredTensor>>comparingInt(
                        e -> rank(e.getValue().dtype()))
                    .thenComparing(e -> utf8(e.getKey()), Arrays::compareUnsigned))
            .toList();
    byte[] header = header(sorted, metadata);
    AtomicFiles.write(
        path,
        out -> {
          ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putLong(header.length).array());
          out.write(header);
          byte[] chunk = new byte[1 << 16];
          for (var tensor : sorted) {
            copy(tensor.getValue().data(), out, chunk);
          }
        });
  }

  private static byte[] header(
      List<Map.Entry<String, StoredTensor>> sorted, Map<String, String> metadata) {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode strings = header.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(strings::put);
    }
    long offset = 0;
    for (var entry : sorted) {
      StoredTensor tensor = entry.getValue();
      if (entry.getKey().equals("__metadata__")) {
        throw new IllegalArgumentException("no tensor can be called __metadata__");
      }
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", ORDER.get(rank(tensor.dtype())).getValue());
      var shape = node.putArray("shape");
      Arrays.stream(tensor.shape()).forEach(shape::add);
      long end = offset + tensor.data().remaining();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = utf8(header.toString());
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static int rank(DType dtype) {
    for (int i = 0; i < ORDER.size(); i++) {
      if (ORDER.get(i).getKey() == dtype) {
        return i;
      }
    }
    throw new IllegalArgumentException("safetensors has no name for " + dtype);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void copy(ByteBuffer data, OutputStream out, byte[] chunk) throws IOException {
    while (data.hasRemaining()) {
      int n = Math.min(chunk.length, data.remaining());
      data.get(chunk, 0, n);
      out.write(chunk, 0, n);
    }
  }
}
