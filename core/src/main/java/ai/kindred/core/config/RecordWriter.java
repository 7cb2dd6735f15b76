package ai.kindred.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes JSON trees of records: components in order, maps by name, so equal records give equal text.
 */
final class RecordWriter {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private RecordWriter() {}

  static ObjectNode record(Object record) {
    ObjectNode node = NODES.objectNode();
    Component.of(record.getClass())
        .forEach(
            (name, component) -> {
              Object value = component.valueIn(record);
              String problem =
                  value instanceof Number n ? Ranges.problem(n, component.range()) : null;
              if (problem != null) {
                throw new IllegalArgumentException(
                    "`" + name + "` of " + record.getClass().getSimpleName() + " " + problem);
              }
              node.set(name, value(component.type(), value));
            });
    return node;
  }

  static JsonNode value(Type declared, @Nullable Object value) {
    if (value == null) {
      return NODES.nullNode();
    }
    if (value instanceof JsonNode node) {
      return node;
    }
    if (value instanceof Record) {
      ObjectNode node = record(value);
      if (declared instanceof Class<?> type && type.isSealed()) {
        ObjectNode choice = NODES.objectNode();
        choice.put("kind", Component.jsonName(value.getClass()));
        return choice.setAll(node);
      }
      return node;
    }
    if (value instanceof List<?> list) {
      ArrayNode array = NODES.arrayNode();
      list.forEach(element -> array.add(value(argument(declared, 0), element)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode node = NODES.objectNode();
      new TreeMap<>(map)
          .forEach((key, element) -> node.set((String) key, value(argument(declared, 1), element)));
      return node;
    }
    return scalar(value);
  }

  private static JsonNode scalar(Object value) {
    if (value instanceof Enum<?> constant) {
      return NODES.textNode(Component.jsonName(constant));
    }
    if (value instanceof String || value instanceof Path) {
      return NODES.textNode(value.toString());
    }
    if (value instanceof Boolean flag) {
      return NODES.booleanNode(flag);
    }
    if (value instanceof Number number) {
      String problem = Ranges.problem(number, null);
      if (problem != null) {
        throw new IllegalArgumentException("a number to be written as JSON " + problem);
      }
    }
    if (value instanceof Integer number) {
      return NODES.numberNode(number);
    }
    if (value instanceof Long number) {
      return NODES.numberNode(number);
    }
    if (value instanceof Float number) {
      return NODES.numberNode(number);
    }
    if (value instanceof Double number) {
      return NODES.numberNode(number);
    }
    throw new IllegalArgumentException("configs cannot hold a " + value.getClass().getName());
  }

  private static Type argument(Type declared, int index) {
    return declared instanceof ParameterizedType generic
        ? generic.getActualTypeArguments()[index]
        : Object.class;
  }
}
