package ai.kindred.peft;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.JsonException;
import ai.kindred.core.config.Range;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The {@code adapter_config.json} of a mixture of dyadic experts: Kindred's own, in PEFT's two-file
 * form, with everything that the routers do.
 */
final class ModeJson {

  private static final int VERSION = 1;
  private static final String SOFTMAX = "softmax";
  private static final String KAIMING = "kaiming_uniform";

  private record Fields(
      int formatVersion,
      @Range(min = 1, max = 65536) int r,
      @Range(min = 1, max = 65536) int numExperts,
      @Range(min = 1, max = 65536) int expertRank,
      double loraAlpha,
      boolean routerBias,
      String routerActivation,
      @Nullable Integer routerTopK,
      String routerInit,
      @Range(min = 0, max = 1000) double routerInitFactor,
      JsonNode targetModules,
      @Nullable JsonNode excludeModules,
      @Nullable JsonNode layersToTransform,
      @Nullable JsonNode layersPattern) {}

  private ModeJson() {}

  static AdapterReader.Read read(JsonNode json, String source) throws JsonException {
    Configs.Lenient<Fields> read = Configs.lenient(Fields.class, json, source);
    Fields f = read.value();
    require(f.formatVersion() == VERSION, source, "`format_version` must be " + VERSION);
    require(!f.routerBias(), source, "`router_bias` is true; routers here have none");
    require(
        f.routerActivation().equals(SOFTMAX) && f.routerTopK() == null,
        source,
        "`router_activation` must be softmax and `router_top_k` null: every expert gets a weight");
    Targets targets =
        PeftFields.targets(
            f.targetModules(),
            f.excludeModules(),
            f.layersToTransform(),
            f.layersPattern(),
            source);
    try {
      return new AdapterReader.Read(
          new MixtureOfDyadicExpertsConfig(
              f.numExperts(),
              f.r(),
              f.expertRank(),
              f.loraAlpha() / f.r(),
              f.routerInitFactor(),
              targets),
          PeftFields.notCommon(read.unknown()));
    } catch (IllegalArgumentException e) {
      throw PeftFields.bad(source, String.valueOf(e.getMessage()));
    }
  }

  private static void require(boolean holds, String source, String problem) throws JsonException {
    if (!holds) {
      throw PeftFields.bad(source, problem);
    }
  }

  static ObjectNode toJson(MixtureOfDyadicExpertsConfig config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format_version", VERSION);
    json.put("r", config.rank());
    json.put("num_experts", config.experts());
    json.put("expert_rank", config.expertRank());
    PeftLora.putNumber(json, "lora_alpha", config.scale() * config.rank());
    json.put("router_bias", false);
    json.put("router_activation", SOFTMAX);
    json.putNull("router_top_k");
    json.put("router_init", KAIMING);
    PeftLora.putNumber(json, "router_init_factor", config.routerInit());
    PeftFields.writeTargets(config.targets(), json);
    return json;
  }
}
