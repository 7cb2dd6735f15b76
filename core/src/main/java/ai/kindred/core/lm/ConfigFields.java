package ai.kindred.core.lm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Typed fields of one JSON object of a model config; a wrong type names the field and its value.
 */
final class ConfigFields {
  private final JsonNode object;
  private final String prefix;
  private final @Nullable ConfigFields outer;

  private ConfigFields(JsonNode object, String prefix, @Nullable ConfigFields outer) {
    this.object = object;
    this.prefix = prefix;
    this.outer = outer;
  }

  /** The fields of a document. */
  static ConfigFields of(JsonNode root) {
    if (!root.isObject()) {
      throw new IllegalArgumentException("a model config is a JSON object, not " + brief(root));
    }
    return new ConfigFields(root, "", null);
  }

  /** The object under a field, or null where it is absent; {@link #inherited} looks here too. */
  @Nullable ConfigFields object(String field) {
    JsonNode node = get(field);
    if (node == null) {
      return null;
    }
    if (!node.isObject()) {
      throw wrong(field, node, "an object");
    }
    return new ConfigFields(node, prefix + field + ".", this);
  }

  /** Whether the field is there, null included. */
  boolean has(String field) {
    return object.has(field);
  }

  /** A required whole number. */
  int integer(String field) {
    Integer value = optionalInteger(field);
    if (value == null) {
      throw new IllegalArgumentException(prefix + field + " is missing; expected a whole number");
    }
    return value;
  }

  /** A whole number; an absent field or null gives the default. */
  int integer(String field, int otherwise) {
    Integer value = optionalInteger(field);
    return value == null ? otherwise : value;
  }

  @Nullable Integer optionalInteger(String field) {
    JsonNode node = get(field);
    return node == null ? null : (Integer) whole(field, node);
  }

  /** A real number; an absent field or null gives the default. */
  double number(String field, double otherwise) {
    Double value = optionalNumber(field);
    return value == null ? otherwise : value;
  }

  @Nullable Double optionalNumber(String field) {
    JsonNode node = get(field);
    if (node == null) {
      return null;
    }
    if (!node.isNumber()) {
      throw wrong(field, node, "a number");
    }
    return node.doubleValue();
  }

  /** True or false; an absent field or null gives the default. */
  boolean flag(String field, boolean otherwise) {
    JsonNode node = get(field);
    if (node == null) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw wrong(field, node, "true or false");
    }
    return node.booleanValue();
  }

  @Nullable String text(String field) {
    JsonNode node = get(field);
    if (node == null) {
      return null;
    }
    if (!node.isTextual()) {
      throw wrong(field, node, "a string");
    }
    return node.textValue();
  }

  /** A list of strings, or null where the field is absent. */
  @Nullable List<String> texts(String field) {
    JsonNode node = get(field);
    if (node == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isTextual()) {
        throw wrong(field, node, "a list of strings");
      }
      texts.add(element.textValue());
    }
    if (!node.isArray()) {
      throw wrong(field, node, "a list of strings");
    }
    return texts;
  }

  /** A whole number or a list of them; an absent field gives none. */
  List<Integer> integers(String field) {
    JsonNode node = get(field);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray()) {
      return List.of(whole(field, node));
    }
    List<Integer> values = new ArrayList<>();
    for (JsonNode element : node) {
      values.add(whole(field, element));
    }
    return values;
  }

  /** These fields if they have the field, else those of the object around. */
  ConfigFields inherited(String field) {
    return has(field) || outer == null ? this : outer;
  }

  private int whole(String field, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(field, node, "a whole number below 2^31");
    }
    return node.intValue();
  }

  private @Nullable JsonNode get(String field) {
    JsonNode node = object.get(field);
    return node == null || node.isNull() ? null : node;
  }

  private IllegalArgumentException wrong(String field, JsonNode node, String expected) {
    return new IllegalArgumentException(
        prefix + field + " is " + brief(node) + "; expected " + expected);
  }

  private static String brief(JsonNode node) {
    if (node.isContainerNode()) {
      return (node.isArray() ? "a list of " : "an object of ") + node.size();
    }
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
