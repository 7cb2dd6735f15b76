package ai.kindred.peft;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.JsonException;
import ai.kindred.core.config.Range;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** LoRA's {@code adapter_config.json} with the fields of PEFT 0.21.2. */
final class PeftLora {

  /** What the folder's tensors mean depends on these, so what is not done here is refused. */
  private static final Map<String, String> UNSUPPORTED = new LinkedHashMap<>();

  static {
    UNSUPPORTED.put("use_dora", "weight-decomposed LoRA has magnitudes that are not read here");
    UNSUPPORTED.put("use_qalora", "QA-LoRA pools its inputs");
    UNSUPPORTED.put("use_bdlora", "block-diagonal LoRA has other products");
    UNSUPPORTED.put("fan_in_fan_out", "the model's weights would be transposed");
    UNSUPPORTED.put("lora_bias", "biases of B are not read here");
    UNSUPPORTED.put("modules_to_save", "whole modules in the adapter are not read here");
    UNSUPPORTED.put("target_parameters", "adapters of bare parameters are not made here");
    UNSUPPORTED.put("trainable_token_indices", "trained rows of embeddings are not read here");
    UNSUPPORTED.put("layer_replication", "repeated layers are not made here");
    UNSUPPORTED.put("alora_invocation_tokens", "activated LoRA switches on within a text");
    UNSUPPORTED.put("arrow_config", "Arrow routes between several adapters");
    UNSUPPORTED.put("kasa_config", "KaSA has tensors of its own");
    UNSUPPORTED.put("monteclora_config", "MonteCLoRA has tensors of its own");
    UNSUPPORTED.put("velora_config", "VeLoRA compresses activations");
    UNSUPPORTED.put("megatron_config", "Megatron's parallel layers are not made here");
  }

  /** What matters only while an adapter is trained or made by PEFT. */
  private static final Set<String> INERT =
      Set.of(
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "loftq_config",
          "lora_ga_config",
          "megatron_core",
          "qalora_group_size",
          "runtime_config");

  /** First values that leave the base model's weights as they are. */
  private static final Set<String> PLAIN_INITS = Set.of("gaussian", "eva", "orthogonal", "default");

  private record Fields(
      @Range(min = 1, max = 65536) int r,
      double loraAlpha,
      @Nullable @Range(min = 0, below = 1) Double loraDropout,
      @Nullable Boolean useRslora,
      JsonNode targetModules,
      @Nullable JsonNode excludeModules,
      @Nullable JsonNode layersToTransform,
      @Nullable JsonNode layersPattern,
      @Nullable @Range(min = 1, max = 65536) Map<String, Integer> rankPattern,
      @Nullable Map<String, Double> alphaPattern,
      @Nullable String bias,
      @Nullable JsonNode initLoraWeights) {}

  private PeftLora() {}

  static AdapterReader.Read read(JsonNode json, String source) throws JsonException {
    refuseUnsupported(json, source);
    Configs.Lenient<Fields> read = Configs.lenient(Fields.class, json, source);
    Fields f = read.value();
    if (f.bias() != null && !f.bias().equals("none")) {
      throw PeftFields.bad(
          source, "`bias` is not \"none\": trained biases of the base model are not read here");
    }
    JsonNode init = f.initLoraWeights();
    if (init != null && init.isTextual() && !PLAIN_INITS.contains(init.textValue())) {
      throw PeftFields.bad(
          source,
          "`init_lora_weights` may have changed the base model's weights; PEFT can convert the"
              + " adapter to a plain one (path_initial_model_for_weight_conversion)");
    }
    Targets targets =
        PeftFields.targets(
            f.targetModules(),
            f.excludeModules(),
            f.layersToTransform(),
            f.layersPattern(),
            source);
    LoraConfig config;
    try {
      config =
          new LoraConfig(
              f.r(),
              f.loraAlpha(),
              Boolean.TRUE.equals(f.useRslora()),
              f.loraDropout() == null ? 0 : f.loraDropout(),
              targets,
              f.rankPattern() == null ? Map.of() : f.rankPattern(),
              f.alphaPattern() == null ? Map.of() : f.alphaPattern());
    } catch (IllegalArgumentException e) {
      throw PeftFields.bad(source, String.valueOf(e.getMessage()));
    }
    List<String> ignored =
        PeftFields.notCommon(read.unknown()).stream()
            .filter(name -> !INERT.contains(name) && !UNSUPPORTED.containsKey(name))
            .toList();
    return new AdapterReader.Read(config, ignored);
  }

  private static void refuseUnsupported(JsonNode json, String source) throws JsonException {
    List<String> problems = new ArrayList<>();
    UNSUPPORTED.forEach(
        (field, reason) -> {
          if (!PeftFields.isOff(json.get(field))) {
            problems.add("`" + field + "` is set, which is not supported: " + reason);
          }
        });
    if (!problems.isEmpty()) {
      throw new JsonException(source, problems);
    }
  }

  static ObjectNode toJson(LoraConfig config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    UNSUPPORTED.keySet().forEach(json::putNull);
    for (String off : List.of("use_dora", "use_qalora", "fan_in_fan_out", "lora_bias")) {
      json.put(off, false);
    }
    for (String none : List.of("corda_config", "eva_config", "lora_ga_config")) {
      json.putNull(none);
    }
    json.put("ensure_weight_tying", false);
    json.putObject("loftq_config");
    json.put("megatron_core", "megatron.core");
    json.put("qalora_group_size", 16);
    json.put("bias", "none");
    json.put("init_lora_weights", true);
    json.put("r", config.rank());
    putNumber(json, "lora_alpha", config.alpha());
    json.put("lora_dropout", config.dropout());
    json.put("use_rslora", config.rsLora());
    PeftFields.writeTargets(config.targets(), json);
    config.rankPattern().forEach(json.putObject("rank_pattern")::put);
    ObjectNode alphas = json.putObject("alpha_pattern");
    config.alphaPattern().forEach((pattern, alpha) -> putNumber(alphas, pattern, alpha));
    json.put("peft_version", "0.21.2");
    return json;
  }

  /** PEFT's own files have whole alphas as whole numbers. */
  static void putNumber(ObjectNode json, String field, double number) {
    if (number == Math.rint(number) && Math.abs(number) < 1e9) {
      json.put(field, (int) number);
    } else {
      json.put(field, number);
    }
  }
}
