package ai.kindred.peft;

import ai.kindred.core.config.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fields that {@code adapter_config.json} has for every kind of adapter, and how targets stand
 * there.
 */
final class PeftFields {

  private static final int MOST = 10_000;
  private static final String ALL_LINEAR = "all-linear";
  private static final Set<String> COMMON =
      Set.of(
          "peft_type",
          "base_model_name_or_path",
          "task_type",
          "inference_mode",
          "revision",
          "auto_mapping",
          "peft_version");

  private PeftFields() {}

  static ObjectNode common(String peftType, @Nullable String base, @Nullable String taskType) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("peft_type", peftType)
        .put("base_model_name_or_path", base)
        .put("task_type", taskType)
        .put("inference_mode", true)
        .putNull("revision")
        .putNull("auto_mapping");
  }

  static List<String> notCommon(List<String> unknown) {
    return unknown.stream().filter(name -> !COMMON.contains(name)).toList();
  }

  /** Whether a field asks for nothing: absent, null, false or empty. */
  static boolean isOff(@Nullable JsonNode node) {
    return node == null
        || node.isNull()
        || (node.isBoolean() && !node.booleanValue())
        || (node.isContainerNode() && node.isEmpty())
        || (node.isTextual() && node.textValue().isEmpty());
  }

  static void writeTargets(Targets targets, ObjectNode into) {
    if (targets.pattern() != null) {
      into.put("target_modules", targets.pattern());
    } else if (targets.isAllLinear()) {
      into.put("target_modules", ALL_LINEAR);
    } else {
      targets.names().forEach(into.putArray("target_modules")::add);
    }
    if (targets.exclude().isEmpty()) {
      into.putNull("exclude_modules");
    } else {
      targets.exclude().forEach(into.putArray("exclude_modules")::add);
    }
    if (targets.layers().isEmpty()) {
      into.putNull("layers_to_transform");
    } else {
      targets.layers().forEach(into.putArray("layers_to_transform")::add);
    }
    into.putNull("layers_pattern");
  }

  static Targets targets(
      JsonNode modules,
      @Nullable JsonNode exclude,
      @Nullable JsonNode layers,
      @Nullable JsonNode layersPattern,
      String source)
      throws JsonException {
    List<String> left = exclude == null ? List.of() : strings(exclude, "exclude_modules", source);
    List<Integer> numbers = layers == null ? List.of() : numbers(layers, source);
    if (layersPattern != null) {
      for (String pattern : strings(layersPattern, "layers_pattern", source)) {
        if (!pattern.equals("layers")) {
          throw bad(source, "`layers_pattern` can only be `layers` here");
        }
      }
    }
    try {
      if (modules.isTextual()) {
        String text = modules.textValue();
        String pattern = text.equalsIgnoreCase(ALL_LINEAR) ? null : text;
        return new Targets(List.of(), pattern, left, numbers);
      }
      List<String> names = strings(modules, "target_modules", source);
      if (names.isEmpty()) {
        throw bad(source, "`target_modules` is empty: nothing would be adapted");
      }
      return new Targets(names, null, left, numbers);
    } catch (IllegalArgumentException e) {
      throw bad(source, "`target_modules`: " + e.getMessage());
    }
  }

  private static List<String> strings(JsonNode node, String field, String source)
      throws JsonException {
    if (node.isTextual() && field.equals("layers_pattern")) {
      return List.of(node.textValue());
    }
    List<String> strings = new ArrayList<>();
    for (JsonNode one : node) {
      if (one.isTextual()) {
        strings.add(one.textValue());
      }
    }
    if (!node.isArray() || strings.size() < node.size() || strings.size() > MOST) {
      throw bad(source, "`" + field + "` must be a list of at most " + MOST + " strings");
    }
    return strings;
  }

  private static List<Integer> numbers(JsonNode node, String source) throws JsonException {
    if (node.isInt()) {
      return List.of(node.intValue());
    }
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode one : node) {
      if (one.isInt()) {
        numbers.add(one.intValue());
      }
    }
    if (!node.isArray() || numbers.size() < node.size() || numbers.size() > MOST) {
      throw bad(
          source, "`layers_to_transform` must be a list of at most " + MOST + " whole numbers");
    }
    return numbers;
  }

  static JsonException bad(String source, String problem) {
    return new JsonException(source, List.of(problem));
  }
}
