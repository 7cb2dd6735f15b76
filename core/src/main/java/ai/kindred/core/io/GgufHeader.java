package ai.kindred.core.io;

import ai.kindred.core.config.Names;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a GGUF file, versions 2 and 3: key-value pairs, then each tensor's name, dims, type
 * and offset. Counts in it are never believed: memory follows the bytes that are there.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
record GgufHeader(Map<String, Object> metadata, Map<String, Entry> tensors) {

  /**
   * A tensor's place.
   *
   * @param shape in PyTorch's order, the reverse of the file's
   * @param typeId of {@link GgmlType}, or another
   * @param offset of the first byte in the file
   */
  @SuppressWarnings("ArrayRecordComponent") // never leaves this package
  record Entry(String name, long[] shape, int typeId, long offset) {
    @Nullable GgmlType type() {
      return GgmlType.of(typeId);
    }

    /** Bytes of a known type, checked before; 0 for others. */
    long bytes() {
      GgmlType type = type();
      return type == null ? 0 : Shapes.elements(shape) / type.blockElements * type.blockBytes;
    }
  }

  static GgufHeader read(MappedFile file) throws IOException {
    long length = Math.min(file.size(), Parser.LONGEST);
    return new Parser(file.path(), file.size(), file.slice(0, length)).header();
  }

  /** Reads forward through the header's bytes. */
  private static final class Parser {
    /** A header of a model with a vocabulary of 256,000 takes about 10 MB. */
    static final long LONGEST = 256L << 20;

    private static final int MOST_KEYS = 1 << 16;
    private static final int MOST_TENSORS = 1 << 18;
    private static final int MOST_ELEMENTS = 1 << 22;
    private static final int DEEPEST = 4;
    private static final int MOST_DIMS = 4;
    private static final long MOST_ALIGNED = 1 << 20;

    private final Path path;
    private final long fileSize;
    private final ByteBuffer in;

    /** Array elements read so far: an empty string of 8 bytes takes several times that in Java. */
    private long elements;

    Parser(Path path, long fileSize, ByteBuffer in) {
      this.path = path;
      this.fileSize = fileSize;
      this.in = in;
    }

    GgufHeader header() throws MalformedFileException {
      need(4, "the magic number");
      byte[] magic = new byte[4];
      in.get(magic);
      if (!Arrays.equals(magic, "GGUF".getBytes(StandardCharsets.US_ASCII))) {
        throw malformed("a GGUF file starts with the letters GGUF; this one does not");
      }
      int version = int32("the version");
      if (Integer.reverseBytes(version) > 0 && Integer.reverseBytes(version) < 100) {
        throw malformed("the file is big-endian; only little-endian GGUF is read");
      }
      if (version != 2 && version != 3) {
        throw malformed("GGUF version " + version + "; versions 2 and 3 are read");
      }
      long tensorCount = count("the number of tensors", MOST_TENSORS);
      long keyCount = count("the number of keys", MOST_KEYS);
      Map<String, Object> metadata = new LinkedHashMap<>();
      for (long i = 0; i < keyCount; i++) {
        String key = string("a key");
        Object value = value(int32("a type"), Names.printable(key), 0);
        if (metadata.put(key, value) != null) {
          throw malformed("the key `" + Names.printable(key) + "` is there twice");
        }
      }
      requireUnsplit(metadata);
      return new GgufHeader(metadata, tensors(tensorCount, alignment(metadata)));
    }

    private Map<String, Entry> tensors(long count, long alignment) throws MalformedFileException {
      List<Entry> relative = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        relative.add(tensor(alignment));
      }
      long dataStart = (in.position() + alignment - 1) / alignment * alignment;
      Map<String, Entry> tensors = new LinkedHashMap<>();
      for (Entry e : relative) {
        long bytes = e.bytes();
        if (dataStart > fileSize || e.offset > fileSize - dataStart - bytes) {
          throw wrong(
              e.name,
              "has "
                  + bytes
                  + " bytes at "
                  + e.offset
                  + " of the "
                  + Math.max(0, fileSize - dataStart)
                  + " after the header (is the file whole?)");
        }
        Entry absolute = new Entry(e.name, e.shape, e.typeId, dataStart + e.offset);
        if (tensors.put(e.name, absolute) != null) {
          throw wrong(e.name, "is there twice");
        }
      }
      requireApart(tensors);
      return tensors;
    }

    private Entry tensor(long alignment) throws MalformedFileException {
      String name = string("a tensor's name");
      int rank = int32("a tensor's number of dims");
      if (rank < 0 || rank > MOST_DIMS) {
        throw wrong(
            name,
            "has " + Integer.toUnsignedString(rank) + " dims; at most " + MOST_DIMS + " can be");
      }
      long[] shape = new long[rank];
      for (int i = rank - 1; i >= 0; i--) {
        shape[i] = int64("a dim");
      }
      int typeId = int32("a tensor's type");
      long offset = int64("a tensor's offset");
      if (offset < 0 || offset % alignment != 0) {
        throw wrong(
            name,
            "starts at "
                + Long.toUnsignedString(offset)
                + ", no multiple of the alignment, "
                + alignment);
      }
      Entry entry = new Entry(name, shape, typeId, offset);
      requirePossible(entry);
      return entry;
    }

    private void requirePossible(Entry entry) throws MalformedFileException {
      GgmlType type = entry.type();
      try {
        long elements = Shapes.elements(entry.shape);
        if (type == null) {
          return;
        }
        long row = entry.shape.length == 0 ? 1 : entry.shape[entry.shape.length - 1];
        if (row % type.blockElements != 0) {
          throw wrong(
              entry.name,
              "has rows of "
                  + row
                  + " elements, no multiple of "
                  + type
                  + "'s block of "
                  + type.blockElements);
        }
        if (elements / type.blockElements > fileSize / type.blockBytes) {
          throw wrong(
              entry.name,
              "is "
                  + type
                  + Arrays.toString(entry.shape)
                  + ", larger than the file of "
                  + fileSize);
        }
      } catch (ArithmeticException e) {
        throw wrong(entry.name, "is impossible: " + e.getMessage());
      }
    }

    private void requireApart(Map<String, Entry> tensors) throws MalformedFileException {
      List<Entry> sorted =
          tensors.values().stream()
              .sorted(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes))
              .toList();
      for (int i = 1; i < sorted.size(); i++) {
        Entry last = sorted.get(i - 1);
        if (sorted.get(i).offset < last.offset + last.bytes()) {
          throw wrong(
              sorted.get(i).name, "overlaps the tensor `" + Names.printable(last.name) + "`");
        }
      }
    }

    private long alignment(Map<String, Object> metadata) throws MalformedFileException {
      Object value = metadata.getOrDefault("general.alignment", 32L);
      if (value instanceof Long alignment
          && alignment >= 8
          && alignment <= MOST_ALIGNED
          && Long.bitCount(alignment) == 1) {
        return alignment;
      }
      throw malformed("general.alignment must be a power of two from 8 to " + MOST_ALIGNED);
    }

    private void requireUnsplit(Map<String, Object> metadata) throws MalformedFileException {
      if (metadata.get("split.count") instanceof Long count && count > 1) {
        throw malformed(
            "is one of "
                + count
                + " parts of a split model; join them first (llama-gguf-split --merge)");
      }
    }

    private Object value(int type, String key, int depth) throws MalformedFileException {
      return switch (type) {
        case 0, 1, 2, 3, 4, 5, 11 -> integer(type, key);
        case 6, 12 -> decimal(type, key);
        case 7 -> flag(key);
        case 8 -> string(key);
        case 9 -> array(key, depth + 1);
        case 10 -> {
          long bits = int64(key);
          yield bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
        }
        default ->
            throw malformed(
                "`"
                    + key
                    + "` has the value type "
                    + Integer.toUnsignedString(type)
                    + " of 0 to 12");
      };
    }

    private Object array(String key, int depth) throws MalformedFileException {
      if (depth > DEEPEST) {
        throw malformed("`" + key + "` nests arrays more than " + DEEPEST + " deep");
      }
      int type = int32(key);
      long count = count("the length of `" + key + "`", MOST_ELEMENTS);
      elements += count;
      if (elements > MOST_ELEMENTS) {
        throw malformed("the metadata has more than " + MOST_ELEMENTS + " array elements");
      }
      need(count, key);
      switch (type) {
        case 0, 1, 2, 3, 4, 5, 10, 11 -> {
          long[] values = new long[(int) count];
          for (int i = 0; i < values.length; i++) {
            values[i] = integer(type, key);
          }
          return values;
        }
        case 6, 12 -> {
          double[] values = new double[(int) count];
          for (int i = 0; i < values.length; i++) {
            values[i] = decimal(type, key);
          }
          return values;
        }
        default -> {
          List<Object> values = new ArrayList<>();
          for (long i = 0; i < count; i++) {
            values.add(value(type, key, depth));
          }
          return Collections.unmodifiableList(values);
        }
      }
    }

    private long integer(int type, String key) throws MalformedFileException {
      switch (type) {
        case 0, 1 -> {
          need(1, key);
          byte value = in.get();
          return type == 0 ? value & 0xff : value;
        }
        case 2, 3 -> {
          need(2, key);
          short value = in.getShort();
          return type == 2 ? value & 0xffff : value;
        }
        case 4 -> {
          return int32(key) & 0xffffffffL;
        }
        case 5 -> {
          return int32(key);
        }
        default -> {
          long value = int64(key);
          if (type == 10 && value < 0) {
            throw malformed("an element of `" + key + "` is above 2^63 - 1");
          }
          return value;
        }
      }
    }

    private double decimal(int type, String key) throws MalformedFileException {
      return type == 6 ? Float.intBitsToFloat(int32(key)) : Double.longBitsToDouble(int64(key));
    }

    private boolean flag(String key) throws MalformedFileException {
      need(1, key);
      byte value = in.get();
      if (value != 0 && value != 1) {
        throw malformed("the boolean `" + key + "` is the byte " + value + "; it must be 0 or 1");
      }
      return value == 1;
    }

    private String string(String what) throws MalformedFileException {
      long length = int64(what);
      if (length < 0 || length > in.remaining()) {
        throw malformed(
            what
                + " is a string of "
                + Long.toUnsignedString(length)
                + " bytes where "
                + in.remaining()
                + " are left");
      }
      ByteBuffer bytes = in.slice(in.position(), (int) length);
      in.position(in.position() + (int) length);
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw new MalformedFileException(path, what + " is not UTF-8", e);
      }
    }

    private long count(String what, long most) throws MalformedFileException {
      long count = int64(what);
      if (count < 0 || count > most) {
        throw malformed(
            what + " is " + Long.toUnsignedString(count) + "; at most " + most + " are read");
      }
      return count;
    }

    private int int32(String what) throws MalformedFileException {
      need(4, what);
      return in.getInt();
    }

    private long int64(String what) throws MalformedFileException {
      need(8, what);
      return in.getLong();
    }

    private void need(long bytes, String what) throws MalformedFileException {
      if (bytes > in.remaining()) {
        throw malformed(
            "the header ends within "
                + what
                + ", at byte "
                + in.position()
                + (fileSize > LONGEST ? " or is longer than " + LONGEST : " (is the file whole?)"));
      }
    }

    private MalformedFileException wrong(String name, String problem) {
      return malformed("the tensor `" + Names.printable(name) + "` " + problem);
    }

    private MalformedFileException malformed(String problem) {
      return new MalformedFileException(path, problem);
    }
  }
}
