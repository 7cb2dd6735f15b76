package ai.kindred.core.io;

import ai.kindred.core.config.Json;
import ai.kindred.core.config.Names;
import ai.kindred.core.kernel.DType;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file: 8 bytes of length, then JSON that gives each tensor's type,
 * shape and byte range after the header. The ranges must cover the rest of the file without holes
 * or overlaps, as the reference implementation demands.
 *
 * @param tensors by name, in the order of their bytes
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";

  /** Longest header that the reference implementation reads. */
  private static final long LONGEST = 100_000_000;

  private static final Json.Limits LIMITS = new Json.Limits(LONGEST, 8, 8_000_000);

  /** Names of the types that are known here; others may be in a file but cannot be read. */
  static final Map<String, DType> DTYPES =
      Safetensors.ORDER.stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

  /**
   * A tensor's place.
   *
   * @param offset of the first byte in the file
   */
  @SuppressWarnings("ArrayRecordComponent") // never leaves this package
  record Entry(String name, String dtype, long[] shape, long offset, long bytes) {
    @Nullable DType known() {
      return DTYPES.get(dtype);
    }
  }

  static SafetensorsHeader read(MappedFile file) throws IOException {
    Path path = file.path();
    if (file.size() < 8) {
      throw new MalformedFileException(
          path, "a safetensors file starts with 8 bytes of length; this one has " + file.size());
    }
    long length = file.slice(0, 8).getLong();
    if (length < 2 || length > LONGEST || length > file.size() - 8) {
      throw new MalformedFileException(
          path,
          "the header's length is "
              + Long.toUnsignedString(length)
              + "; it must be between 2 and "
              + Math.min(LONGEST, file.size() - 8)
              + " (is this a safetensors file, and whole?)");
    }
    byte[] text = new byte[(int) length];
    ByteBuffer bytes = file.slice(8, length);
    bytes.get(text);
    Parsing parsing = new Parsing(path, 8 + length, file.size());
    try (JsonParser parser = Json.parser(text, path.toString(), LIMITS)) {
      return parsing.header(parser);
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException e) {
      throw new MalformedFileException(Json.failure(path + ": the header", e));
    }
  }

  private record Parsing(Path path, long dataStart, long fileSize) {

    /** Entry by entry, so that memory follows the tensors and not the text. */
    SafetensorsHeader header(JsonParser parser) throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("the header must be a JSON object");
      }
      Map<String, Entry> entries = new LinkedHashMap<>();
      Map<String, String> metadata = Map.of();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        JsonNode value = Json.value(parser);
        if (name.equals(METADATA)) {
          metadata = metadata(value);
        } else {
          entries.put(name, entry(name, value));
        }
      }
      if (parser.nextToken() != null) {
        throw malformed("the header has text after its JSON object");
      }
      return new SafetensorsHeader(inOrderOfBytes(entries), metadata);
    }

    private Map<String, String> metadata(JsonNode value) throws MalformedFileException {
      Map<String, String> metadata = new LinkedHashMap<>();
      if (!value.isObject()) {
        throw malformed(METADATA + " must be an object of strings");
      }
      for (var field : value.properties()) {
        if (!field.getValue().isTextual()) {
          throw malformed(METADATA + " must hold strings; `" + field.getKey() + "` is none");
        }
        metadata.put(field.getKey(), field.getValue().textValue());
      }
      return metadata;
    }

    private Entry entry(String name, JsonNode value) throws MalformedFileException {
      JsonNode dtype = value.get("dtype");
      JsonNode shape = value.get("shape");
      JsonNode offsets = value.get("data_offsets");
      if (value.size() != 3
          || dtype == null
          || !dtype.isTextual()
          || shape == null
          || !shape.isArray()
          || offsets == null
          || !offsets.isArray()
          || offsets.size() != 2) {
        throw wrong(
            name, "must have exactly dtype (a string), shape (a list) and data_offsets (two)");
      }
      long[] dims = new long[shape.size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = count(shape.get(i), name, "a dim");
      }
      long begin = count(offsets.get(0), name, "an offset");
      long end = count(offsets.get(1), name, "an offset");
      if (begin > end || end > fileSize - dataStart) {
        throw wrong(
            name,
            "has bytes "
                + begin
                + " to "
                + end
                + " of the "
                + (fileSize - dataStart)
                + " after the header (is the file whole?)");
      }
      Entry entry = new Entry(name, dtype.textValue(), dims, dataStart + begin, end - begin);
      checkSize(entry);
      return entry;
    }

    private void checkSize(Entry entry) throws MalformedFileException {
      DType known = entry.known();
      try {
        // A type that is not known may have any size, but its shape must be possible.
        long bytes = Shapes.bytes(entry.shape, known == null ? 1 : known.bytes());
        if (known != null && bytes != entry.bytes) {
          throw wrong(
              entry.name,
              "is "
                  + entry.dtype
                  + Arrays.toString(entry.shape)
                  + ", "
                  + bytes
                  + " bytes, but its range has "
                  + entry.bytes);
        }
      } catch (ArithmeticException e) {
        throw wrong(entry.name, "is impossible: " + e.getMessage());
      }
    }

    private Map<String, Entry> inOrderOfBytes(Map<String, Entry> entries)
        throws MalformedFileException {
      List<Entry> sorted =
          entries.values().stream()
              .sorted(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes))
              .toList();
      Map<String, Entry> ordered = new LinkedHashMap<>();
      long end = dataStart;
      String last = "the header";
      for (Entry entry : sorted) {
        if (entry.offset != end) {
          throw wrong(
              entry.name,
              String.format(
                  Locale.ROOT,
                  "starts at byte %d, but %s ends at %d: no %s allowed",
                  entry.offset,
                  last,
                  end,
                  entry.offset < end ? "overlap is" : "hole is"));
        }
        end = entry.offset + entry.bytes;
        last = "`" + entry.name + "`";
        ordered.put(entry.name, entry);
      }
      if (end != fileSize) {
        throw malformed((fileSize - end) + " bytes after the last tensor belong to none");
      }
      return ordered;
    }

    private long count(JsonNode node, String name, String what) throws MalformedFileException {
      if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
        throw wrong(name, "has " + what + " that is no whole number from 0 to 2^63 - 1");
      }
      return node.longValue();
    }

    private MalformedFileException wrong(String name, String problem) {
      return malformed("the tensor `" + Names.printable(name) + "` " + problem);
    }

    private MalformedFileException malformed(String problem) {
      return new MalformedFileException(path, problem);
    }
  }

  /** The entry of a name. */
  Entry entry(Path path, String name) throws MalformedFileException {
    Entry entry = tensors.get(name);
    if (entry == null) {
      throw Missing.tensor(path, name, tensors.keySet());
    }
    return entry;
  }
}
