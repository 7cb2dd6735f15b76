package ai.kindred.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records from JSON and back; the conventions (names, defaults, ranges) are on the package's page.
 * Reading gathers all problems of a document into one {@link JsonException}.
 */
public final class Configs {

  /**
   * A record and what its file held besides.
   *
   * @param unknown paths of the fields that the record does not have, in the file's order
   */
  public record Lenient<T extends Record>(T value, List<String> unknown) {
    public Lenient {
      unknown = List.copyOf(unknown);
    }
  }

  private Configs() {}

  /** The record of a file of ours: unknown fields are refused. */
  public static <T extends Record> T read(Class<T> type, Path file) throws IOException {
    return of(type, Json.read(file, Json.Limits.CONFIG), file.toString());
  }

  /** The record of a text of ours; {@code source} names it in errors. */
  public static <T extends Record> T parse(Class<T> type, String json, String source)
      throws JsonException {
    return of(type, Json.parse(json, source, Json.Limits.CONFIG), source);
  }

  /** The record of a tree of ours; {@code source} names it in errors. */
  public static <T extends Record> T of(Class<T> type, JsonNode tree, String source)
      throws JsonException {
    RecordReader reader = new RecordReader();
    Object value = reader.record(type, tree, "", null);
    List<String> problems = new ArrayList<>(reader.unknownProblems);
    int more = reader.unknown.size() - problems.size();
    if (more > 0) {
      problems.add("and " + more + " more unknown fields");
    }
    problems.addAll(reader.problems);
    return checked(type, value, source, problems);
  }

  /** The record of somebody else's file: unknown fields are listed, all else is as strict. */
  public static <T extends Record> Lenient<T> readLenient(Class<T> type, Path file)
      throws IOException {
    return lenient(type, Json.read(file, Json.Limits.CONFIG), file.toString());
  }

  /** The record of somebody else's tree; {@code source} names it in errors. */
  public static <T extends Record> Lenient<T> lenient(Class<T> type, JsonNode tree, String source)
      throws JsonException {
    RecordReader reader = new RecordReader();
    Object value = reader.record(type, tree, "", null);
    return new Lenient<>(checked(type, value, source, reader.problems), reader.unknown);
  }

  /**
   * A record's JSON, indented, with components in order.
   *
   * @throws IllegalArgumentException where a number is out of its range or not finite
   */
  public static String toJson(Record record) {
    return Json.pretty(RecordWriter.record(record));
  }

  /** A record's JSON tree; see {@link #toJson}. */
  public static JsonNode toTree(Record record) {
    return RecordWriter.record(record);
  }

  /** The fields of a record and of the records in it, in order, for help texts. */
  public static List<ConfigField> fields(Class<? extends Record> type) {
    List<ConfigField> fields = new ArrayList<>();
    addFields(type, "", null, fields);
    return List.copyOf(fields);
  }

  private static void addFields(
      Class<?> type, String prefix, @Nullable Object fallback, List<ConfigField> fields) {
    Map<String, Component> components = Component.of(type);
    Method factory = Component.defaultsOf(type);
    List<Component> parameters =
        factory == null ? List.of() : Component.parameters(factory, components);
    Object defaults = fallback;
    if (defaults == null && factory != null && parameters.isEmpty()) {
      defaults = defaultsOf(factory);
    }
    for (Component component : components.values()) {
      String name = prefix + component.jsonName();
      Object value = defaults == null ? null : component.valueIn(defaults);
      if (component.type() instanceof Class<?> raw && raw.isRecord()) {
        addFields(raw, name + ".", value, fields);
        continue;
      }
      boolean required =
          fallback == null
              && !component.nullable()
              && (factory == null || parameters.contains(component));
      Range range = component.range();
      fields.add(
          new ConfigField(
              name,
              typeWords(component),
              required,
              value == null ? null : RecordWriter.value(component.type(), value).toString(),
              range == null ? "" : Ranges.words(range),
              component.doc()));
    }
  }

  private static @Nullable Object defaultsOf(Method factory) {
    try {
      return factory.invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot call " + factory, e);
    }
  }

  private static String typeWords(Component component) {
    if (component.type() instanceof Class<?> raw) {
      if (raw.isEnum()) {
        return words(raw.getEnumConstants());
      }
      return raw.isSealed() ? words(raw.getPermittedSubclasses()) : raw.getSimpleName();
    }
    return component.type().getTypeName().replaceAll("[a-z]+(\\.[a-z]+)*\\.(?=[A-Z])", "");
  }

  private static String words(Object[] choices) {
    return Arrays.stream(choices).map(Component::jsonName).collect(Collectors.joining(" | "));
  }

  private static <T extends Record> T checked(
      Class<T> type, @Nullable Object value, String source, List<String> problems)
      throws JsonException {
    if (!problems.isEmpty() || value == null) {
      throw new JsonException(source, problems);
    }
    return type.cast(value);
  }
}
