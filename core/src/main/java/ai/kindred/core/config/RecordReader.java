package ai.kindred.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of JSON trees and gathers everything that is wrong on the way. A method that
 * returns null has either read a null or added a problem; records are only made where no problem
 * was added below them.
 */
final class RecordReader {
  final List<String> problems = new ArrayList<>();

  /** Fields that no record knows, by path. */
  final List<String> unknown = new ArrayList<>();

  /** The first of them in words: a file of a million unknown fields must not take minutes. */
  final List<String> unknownProblems = new ArrayList<>();

  private static final int SUGGESTED = 20;

  /**
   * A record of a JSON object.
   *
   * @param fallback values of the components that the object does not name; null: the record's
   *     factory of defaults gives them
   */
  @Nullable Object record(Class<?> type, JsonNode node, String path, @Nullable Object fallback) {
    if (!node.isObject()) {
      return wrong(path, "must be an object, but is " + shown(node));
    }
    Map<String, Component> components = Component.of(type);
    findUnknown(node, path, components);
    @Nullable Object[] values = new Object[components.size()];
    boolean[] done = new boolean[components.size()];
    int before = problems.size();

    Method defaults = fallback == null ? Component.defaultsOf(type) : null;
    if (defaults != null) {
      List<Component> parameters = Component.parameters(defaults, components);
      for (Component parameter : parameters) {
        values[parameter.index()] = component(parameter, node, path, null);
        done[parameter.index()] = true;
      }
      if (problems.size() > before) {
        return null;
      }
      fallback = call(defaults, parameters, values, path);
      if (fallback == null) {
        return null;
      }
    }
    for (Component component : components.values()) {
      if (!done[component.index()]) {
        values[component.index()] = component(component, node, path, fallback);
      }
    }
    return problems.size() > before ? null : make(type, values, path);
  }

  private void findUnknown(JsonNode node, String path, Map<String, Component> components) {
    for (var names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!components.containsKey(name)) {
        String field = join(path, Names.printable(name));
        unknown.add(field);
        if (unknownProblems.size() < SUGGESTED) {
          String near = Names.didYouMean(name, components.keySet());
          String known = String.join(", ", components.keySet());
          unknownProblems.add("unknown field `" + field + "`" + near + " (known: " + known + ")");
        }
      }
    }
  }

  private @Nullable Object component(
      Component component, JsonNode object, String parent, @Nullable Object fallback) {
    String path = join(parent, component.jsonName());
    JsonNode node = object.get(component.jsonName());
    if (node == null) {
      if (fallback != null) {
        return component.valueIn(fallback);
      }
      return component.nullable() ? null : wrong(path, "is missing and has no default");
    }
    if (node.isNull() && component.nullable()) {
      return null;
    }
    if (node.isNull() && component.type() != JsonNode.class) {
      return wrong(path, "is null; must have a value");
    }
    Object base = fallback == null ? null : component.valueIn(fallback);
    return value(component.type(), node, path, component.range(), base);
  }

  private @Nullable Object value(
      Type type, JsonNode node, String path, @Nullable Range range, @Nullable Object fallback) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return list(arguments[0], node, path, range);
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return map(arguments[1], node, path, range);
      }
    }
    if (!(type instanceof Class<?> raw)) {
      throw unsupported(type, path);
    }
    if (raw == JsonNode.class) {
      return node;
    }
    if (raw.isRecord()) {
      return record(raw, node, path, raw.isInstance(fallback) ? fallback : null);
    }
    if (raw.isEnum()) {
      return constant(raw, node, path);
    }
    if (raw.isSealed()) {
      return choice(raw, node, path, fallback);
    }
    return scalar(raw, node, path, range);
  }

  private @Nullable Object scalar(
      Class<?> type, JsonNode node, String path, @Nullable Range range) {
    if (type == String.class) {
      return node.isTextual()
          ? node.textValue()
          : wrong(path, "must be a string, but is " + shown(node));
    }
    if (type == Path.class) {
      return path(node, path);
    }
    if (type == boolean.class || type == Boolean.class) {
      return node.isBoolean()
          ? node.booleanValue()
          : wrong(path, "must be true or false, but is " + shown(node));
    }
    Number number;
    if (type == int.class || type == Integer.class) {
      if (!node.isIntegralNumber() || !node.canConvertToInt()) {
        return wrong(path, "must be a whole number of 32 bits, but is " + shown(node));
      }
      number = node.intValue();
    } else if (type == long.class || type == Long.class) {
      if (!node.isIntegralNumber() || !node.canConvertToLong()) {
        return wrong(path, "must be a whole number of 64 bits, but is " + shown(node));
      }
      number = node.longValue();
    } else if (type == double.class || type == Double.class) {
      number = node.doubleValue();
    } else if (type == float.class || type == Float.class) {
      number = node.floatValue();
    } else {
      throw unsupported(type, path);
    }
    if (!node.isNumber()) {
      return wrong(path, "must be a number, but is " + shown(node));
    }
    String problem = Ranges.problem(number, range);
    return problem == null ? number : wrong(path, problem);
  }

  private @Nullable Object path(JsonNode node, String path) {
    if (!node.isTextual()) {
      return wrong(path, "must be a path, but is " + shown(node));
    }
    try {
      return Path.of(node.textValue());
    } catch (InvalidPathException e) {
      return wrong(path, "is no path: " + Names.printable(e.getReason()));
    }
  }

  private @Nullable Object constant(Class<?> type, JsonNode node, String path) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Component::jsonName).toList();
    int index = node.isTextual() ? names.indexOf(node.textValue()) : -1;
    return index >= 0 ? type.getEnumConstants()[index] : notOneOf(names, node, path);
  }

  private @Nullable Object choice(
      Class<?> type, JsonNode node, String path, @Nullable Object fallback) {
    List<Class<?>> kinds = List.of(type.getPermittedSubclasses());
    List<String> names = kinds.stream().map(Component::jsonName).toList();
    if (!node.isObject()) {
      return wrong(path, "must be an object, but is " + shown(node));
    }
    JsonNode kind = node.get("kind");
    String kindPath = join(path, "kind");
    if (kind == null) {
      return wrong(kindPath, "is missing; must be one of " + String.join(", ", names));
    }
    int index = kind.isTextual() ? names.indexOf(kind.textValue()) : -1;
    if (index < 0) {
      return notOneOf(names, kind, kindPath);
    }
    ObjectNode rest = JsonNodeFactory.instance.objectNode().setAll((ObjectNode) node);
    rest.remove("kind");
    Class<?> chosen = kinds.get(index);
    return record(chosen, rest, path, chosen.isInstance(fallback) ? fallback : null);
  }

  private @Nullable Object notOneOf(List<String> names, JsonNode node, String path) {
    String near = node.isTextual() ? Names.didYouMean(node.textValue(), names) : "";
    return wrong(path, "is " + shown(node) + "; must be one of " + String.join(", ", names) + near);
  }

  private @Nullable Object list(Type element, JsonNode node, String path, @Nullable Range range) {
    if (!node.isArray()) {
      return wrong(path, "must be a list, but is " + shown(node));
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      Object value = value(element, node.get(i), path + "[" + i + "]", range, null);
      if (value == null) {
        // One wrong element is enough: a list of a million would give a million problems.
        return null;
      }
      values.add(value);
    }
    return Collections.unmodifiableList(values);
  }

  private @Nullable Object map(Type element, JsonNode node, String path, @Nullable Range range) {
    if (!node.isObject()) {
      return wrong(path, "must be an object, but is " + shown(node));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (var field : node.properties()) {
      String fieldPath = join(path, Names.printable(field.getKey()));
      Object value = value(element, field.getValue(), fieldPath, range, null);
      if (value == null) {
        return null;
      }
      values.put(field.getKey(), value);
    }
    return Collections.unmodifiableMap(values);
  }

  private @Nullable Object call(
      Method defaults, List<Component> parameters, @Nullable Object[] values, String path) {
    Object[] arguments = parameters.stream().map(p -> values[p.index()]).toArray();
    try {
      return defaults.invoke(null, arguments);
    } catch (InvocationTargetException e) {
      return refused(path, e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot call " + defaults, e);
    }
  }

  private @Nullable Object make(Class<?> type, @Nullable Object[] values, String path) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents()).map(c -> c.getType()).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      return refused(path, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type, e);
    }
  }

  /** A record's own constructor may refuse what no range can say. */
  private @Nullable Object refused(String path, @Nullable Throwable cause) {
    if (cause instanceof RuntimeException refusal) {
      String reason = refusal.getMessage() == null ? refusal.toString() : refusal.getMessage();
      problems.add(path.isEmpty() ? reason : "`" + path + "`: " + reason);
      return null;
    }
    throw new IllegalStateException("a config record failed at " + path, cause);
  }

  private @Nullable Object wrong(String path, String problem) {
    problems.add((path.isEmpty() ? "the document" : "`" + path + "`") + " " + problem);
    return null;
  }

  private static IllegalArgumentException unsupported(Type type, String path) {
    return new IllegalArgumentException(
        "configs cannot hold the type " + type.getTypeName() + " (of `" + path + "`)");
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** A value as messages show it; never the whole of a large one. */
  private static String shown(JsonNode node) {
    if (node.isObject()) {
      return node.size() + " fields in {}";
    }
    if (node.isArray()) {
      return "a list of " + node.size();
    }
    return Names.printable(node.toString());
  }
}
