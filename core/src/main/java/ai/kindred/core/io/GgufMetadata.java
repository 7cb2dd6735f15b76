package ai.kindred.core.io;

import ai.kindred.core.config.Names;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Key-value pairs of a GGUF file's header, such as {@code general.architecture}, {@code
 * llama.embedding_length} or {@code tokenizer.ggml.tokens}. Each getter throws a {@link
 * MalformedFileException} where the file has no such key, or a value of another type.
 */
public final class GgufMetadata {
  private final Path path;

  /** Long, BigInteger, Double, Boolean, String, long[], double[], or a list of these. */
  private final Map<String, Object> values;

  GgufMetadata(Path path, Map<String, Object> values) {
    this.path = path;
    this.values = values;
  }

  /** All keys, in the file's order. */
  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /** Whether the file has a key. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /**
   * All values by key: Long, BigInteger, Double, Boolean, String, long[], double[], lists of these.
   */
  public Map<String, Object> asMap() {
    return Collections.unmodifiableMap(values);
  }

  /** A string. */
  public String string(String key) throws MalformedFileException {
    return value(key, String.class, "a string");
  }

  /** An integer of any width and sign that fits 64 signed bits. */
  public long integer(String key) throws MalformedFileException {
    return value(key, Long.class, "an integer of at most 2^63 - 1");
  }

  /** A floating-point number, or an integer. */
  public double number(String key) throws MalformedFileException {
    return value(key, Number.class, "a number").doubleValue();
  }

  /** A boolean. */
  public boolean flag(String key) throws MalformedFileException {
    return value(key, Boolean.class, "a boolean");
  }

  /** An array of strings. */
  public List<String> strings(String key) throws MalformedFileException {
    List<?> list = value(key, List.class, "an array of strings");
    if (!list.stream().allMatch(String.class::isInstance)) {
      throw wrongType(key, "an array of strings");
    }
    return list.stream().map(String.class::cast).toList();
  }

  /** An array of integers. */
  public long[] integers(String key) throws MalformedFileException {
    return value(key, long[].class, "an array of integers").clone();
  }

  /** An array of floating-point numbers. */
  public double[] numbers(String key) throws MalformedFileException {
    return value(key, double[].class, "an array of floating-point numbers").clone();
  }

  private <T> T value(String key, Class<T> type, String words) throws MalformedFileException {
    Object value = values.get(key);
    if (value == null) {
      throw new MalformedFileException(
          path, "the metadata has no `" + key + "`" + Names.didYouMean(key, values.keySet()));
    }
    if (!type.isInstance(value)) {
      throw wrongType(key, words);
    }
    return type.cast(value);
  }

  private MalformedFileException wrongType(String key, String words) {
    return new MalformedFileException(path, "`" + key + "` of the metadata must be " + words);
  }
}
