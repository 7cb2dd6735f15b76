package ai.kindred.peft;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Any {@link AdapterConfig} record as {@code adapter_config.json}: a field a component, but for
 * targets, which stand as PEFT has them.
 */
final class ConfigJson {

  private static final String TARGETS = "targets";
  private static final String VERSION = "format_version";
  private static final int NOW = 1;

  /** Targets as PEFT's files have them. */
  private record TargetFields(
      JsonNode targetModules,
      @Nullable JsonNode excludeModules,
      @Nullable JsonNode layersToTransform,
      @Nullable JsonNode layersPattern) {

    static final List<String> NAMES =
        List.of("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern");
  }

  private ConfigJson() {}

  /** What {@code peft_type} is unless a config says otherwise: the adapter's name in capitals. */
  static String peftType(Class<?> config) {
    Class<?> enclosing = config.getEnclosingClass();
    boolean nested = config.getSimpleName().equals("Config") && enclosing != null;
    String name = nested ? enclosing.getSimpleName() : config.getSimpleName();
    return name.replaceAll("(?<=.)Config$", "")
        .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
        .toUpperCase(Locale.ROOT);
  }

  static ObjectNode write(AdapterConfig config) {
    if (!(config instanceof Record record)) {
      throw new IllegalStateException(
          config.getClass() + " is no record and does not say what its JSON is (toJson)");
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(VERSION, NOW);
    json.setAll((ObjectNode) Configs.toTree(record));
    if (json.remove(TARGETS) != null) {
      PeftFields.writeTargets(config.targets(), json);
    }
    return json;
  }

  static <C extends Record & AdapterConfig> AdapterReader.Read read(
      Class<C> type, JsonNode json, String source) throws JsonException {
    if (!json.isObject()) {
      throw PeftFields.bad(source, "it must be a JSON object");
    }
    if (json.path(VERSION).asInt(-1) != NOW) {
      throw PeftFields.bad(
          source,
          "`" + VERSION + "` must be " + NOW + ": other forms of this config are not known here");
    }
    ObjectNode fields = json.deepCopy();
    fields.remove(VERSION);
    if (fields.has(TargetFields.NAMES.get(0))) {
      fields.set(TARGETS, targets(json, source));
      fields.remove(TargetFields.NAMES);
    }
    Configs.Lenient<C> read = Configs.lenient(type, fields, source);
    List<String> missing = new ArrayList<>();
    missing(write(read.value()), json, "", missing);
    if (!missing.isEmpty()) {
      throw new JsonException(
          source, missing.stream().map(name -> "`" + name + "` is missing").toList());
    }
    return new AdapterReader.Read(read.value(), PeftFields.notCommon(read.unknown()));
  }

  private static JsonNode targets(JsonNode json, String source) throws JsonException {
    TargetFields f = Configs.lenient(TargetFields.class, json, source).value();
    return Configs.toTree(
        PeftFields.targets(
            f.targetModules(),
            f.excludeModules(),
            f.layersToTransform(),
            f.layersPattern(),
            source));
  }

  /** Folders hold every fact: what a config would take by default is not guessed. */
  private static void missing(JsonNode wanted, JsonNode given, String path, List<String> missing) {
    wanted
        .properties()
        .forEach(
            field -> {
              String name = path + field.getKey();
              JsonNode value = given.get(field.getKey());
              if (value == null && !field.getValue().isNull()) {
                missing.add(name);
              } else if (value != null && value.isObject() && field.getValue().isObject()) {
                missing(field.getValue(), value, name + ".", missing);
              }
            });
  }
}
