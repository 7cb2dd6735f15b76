package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.kernel.DType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and writes transformers' config.json, with transformers' defaults for each family. */
final class HuggingFaceConfig {
  static final int MAX_LAYERS = 1024;

  private final Family family;
  private final ConfigFields fields;

  private HuggingFaceConfig(Family family, ConfigFields fields) {
    this.family = family;
    this.fields = fields;
  }

  static ModelConfig read(JsonNode root, String source) throws ModelFormatException {
    try {
      ConfigFields top = ConfigFields.of(root);
      String type = top.text("model_type");
      if ("gemma3".equals(type)) {
        ConfigFields text = top.object("text_config");
        if (text == null) {
          throw new IllegalArgumentException("model_type is gemma3, but text_config is missing");
        }
        return new HuggingFaceConfig(Family.GEMMA3, text).config();
      }
      return new HuggingFaceConfig(family(type), top).config();
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source, String.valueOf(e.getMessage()), e);
    }
  }

  private static Family family(@Nullable String modelType) {
    for (Family family : Family.values()) {
      if (family.modelType().equals(modelType)) {
        return family;
      }
    }
    throw new IllegalArgumentException(
        "model_type is " + modelType + "; known are " + Family.known());
  }

  private ModelConfig config() {
    if (fields.flag("use_bidirectional_attention", false)) {
      throw new IllegalArgumentException(
          "use_bidirectional_attention is true; only causal decoders are supported");
    }
    if (fields.number("partial_rotary_factor", 1) != 1) {
      throw new IllegalArgumentException("partial_rotary_factor must be 1 or absent");
    }
    int layers = size("num_hidden_layers", 26);
    Ranges.between("num_hidden_layers", layers, 1, MAX_LAYERS);
    ModelConfig.Attention attention = attention();
    int maxPositions = fields.integer("max_position_embeddings", defaultMaxPositions());
    ConfigFields tie = fields.inherited("tie_word_embeddings");
    return new ModelConfig(
        family,
        size("vocab_size", 262_208),
        size("hidden_size", 2304),
        size("intermediate_size", 9216),
        activation(),
        family == Family.LLAMA && fields.flag("mlp_bias", false),
        fields.number("rms_norm_eps", 1e-6),
        maxPositions,
        attention,
        layerTypes(layers, attention.slidingWindow()),
        ropes(maxPositions),
        tie.flag("tie_word_embeddings", family.isGemma()),
        softcap("final_logit_softcapping", 30.0),
        token("bos_token_id", 1, 2),
        tokens(),
        dtype());
  }

  /** Sizes are required, but that Gemma3's text_config leaves out what equals the default. */
  private int size(String field, int gemma3) {
    return family == Family.GEMMA3 ? fields.integer(field, gemma3) : fields.integer(field);
  }

  private ModelConfig.Attention attention() {
    int hidden = size("hidden_size", 2304);
    int heads = size("num_attention_heads", 8);
    Ranges.between("hidden_size", hidden, 1, 1 << 17);
    Ranges.between("num_attention_heads", heads, 1, 1024);
    int keyValueHeads =
        fields.has("num_key_value_heads")
            ? fields.integer("num_key_value_heads", heads)
            : switch (family) {
              case LLAMA -> heads;
              case MISTRAL -> 8;
              case QWEN2, QWEN3 -> 32;
              case GEMMA -> 16;
              case GEMMA2, GEMMA3 -> 4;
            };
    Integer headDim = fields.optionalInteger("head_dim");
    if (headDim == null) {
      headDim =
          switch (family) {
            case LLAMA, MISTRAL, QWEN2 -> {
              if (hidden % heads != 0) {
                throw new IllegalArgumentException(
                    "hidden_size is %d, not a multiple of num_attention_heads, which is %d"
                            .formatted(hidden, heads)
                        + ", and head_dim is not set");
              }
              yield hidden / heads;
            }
            case QWEN3 -> 128;
            case GEMMA, GEMMA2, GEMMA3 -> 256;
          };
    }
    boolean bias =
        family != Family.MISTRAL && family != Family.QWEN2 && fields.flag("attention_bias", false);
    return new ModelConfig.Attention(
        heads,
        keyValueHeads,
        headDim,
        family.hasPostNorms() ? fields.number("query_pre_attn_scalar", 256) : headDim,
        bias || family == Family.QWEN2,
        bias,
        softcap("attn_logit_softcapping", 50.0),
        slidingWindow());
  }

  /** Gemma2's soft-cap: its default where the field is absent, none where it is null. */
  private @Nullable Double softcap(String field, double gemma2) {
    if (family == Family.GEMMA2 && !fields.has(field)) {
      return gemma2;
    }
    return family.hasPostNorms() ? fields.optionalNumber(field) : null;
  }

  private @Nullable Integer slidingWindow() {
    return switch (family) {
      case LLAMA, GEMMA -> null;
      case QWEN2, QWEN3 -> fields.flag("use_sliding_window", false) ? window() : null;
      case MISTRAL, GEMMA2, GEMMA3 -> window();
    };
  }

  private @Nullable Integer window() {
    return fields.has("sliding_window") ? fields.optionalInteger("sliding_window") : (Integer) 4096;
  }

  private List<LayerType> layerTypes(int layers, @Nullable Integer window) {
    if (family == Family.LLAMA || family == Family.GEMMA) {
      return Collections.nCopies(layers, LayerType.FULL);
    }
    if (family == Family.MISTRAL) {
      return Collections.nCopies(layers, window == null ? LayerType.FULL : LayerType.SLIDING);
    }
    List<String> given = fields.texts("layer_types");
    if (given != null) {
      if (given.size() != layers) {
        throw new IllegalArgumentException(
            "layer_types has %d entries, but num_hidden_layers is %d"
                .formatted(given.size(), layers));
      }
      return given.stream().map(HuggingFaceConfig::layerType).toList();
    }
    int pattern =
        fields.integer("_sliding_window_pattern", fields.integer("sliding_window_pattern", 6));
    Ranges.between("sliding_window_pattern", pattern, 1, MAX_LAYERS);
    int firstWindowed = fields.integer("max_window_layers", 28);
    List<LayerType> types = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      boolean sliding =
          switch (family) {
            case QWEN2, QWEN3 -> window != null && i >= firstWindowed;
            case GEMMA2 -> i % 2 == 0;
            default -> (i + 1) % pattern != 0;
          };
      types.add(sliding ? LayerType.SLIDING : LayerType.FULL);
    }
    return types;
  }

  private static LayerType layerType(String key) {
    return Arrays.stream(LayerType.values())
        .filter(type -> type.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "layer_types has " + key + "; known are full_attention and sliding_attention"));
  }

  private Map<LayerType, Rope> ropes(int maxPositions) {
    boolean gemma3 = family == Family.GEMMA3;
    double theta = fields.number("rope_theta", gemma3 ? 1e6 : 1e4);
    double localTheta = gemma3 ? fields.number("rope_local_base_freq", 1e4) : theta;
    // As in transformers, the old rope_scaling wins where both forms are there.
    ConfigFields scaling = fields.object("rope_scaling");
    ConfigFields parameters = fields.object("rope_parameters");
    Map<LayerType, Rope> ropes = new EnumMap<>(LayerType.class);
    for (LayerType type : LayerType.values()) {
      ConfigFields own = parameters == null ? null : parameters.object(type.key());
      if (own == null && parameters != null && !gemma3) {
        own = parameters;
      }
      double base = type == LayerType.SLIDING ? localTheta : theta;
      double ownBase = own == null ? base : own.number("rope_theta", base);
      boolean scaled = scaling != null && !(gemma3 && type == LayerType.SLIDING);
      ropes.put(type, new Rope(ownBase, scaling(scaled ? scaling : own, maxPositions)));
    }
    return ropes;
  }

  private static Rope.Scaling scaling(@Nullable ConfigFields given, int maxPositions) {
    if (given == null) {
      return new Rope.Scaling.None();
    }
    String type = given.text("rope_type");
    if (type == null) {
      type = given.text("type");
    }
    return switch (type == null ? "default" : type) {
      case "default" -> new Rope.Scaling.None();
      case "linear" -> new Rope.Scaling.Linear(given.number("factor", Double.NaN));
      case "llama3" ->
          new Rope.Scaling.Llama3(
              given.number("factor", Double.NaN),
              given.number("low_freq_factor", Double.NaN),
              given.number("high_freq_factor", Double.NaN),
              given.integer("original_max_position_embeddings", maxPositions));
      default ->
          throw new IllegalArgumentException(
              "rope_type is " + type + "; supported are default, linear and llama3");
    };
  }

  private Activation activation() {
    String name =
        switch (family) {
          case LLAMA, MISTRAL, QWEN2, QWEN3 -> fields.text("hidden_act");
          // Early Gemma configs said gelu in hidden_act and meant hidden_activation.
          case GEMMA ->
              fields.text("hidden_activation") != null
                  ? fields.text("hidden_activation")
                  : fields.text("hidden_act");
          case GEMMA2, GEMMA3 -> fields.text("hidden_activation");
        };
    if (name == null) {
      return family.isGemma() ? Activation.GELU_TANH : Activation.SILU;
    }
    for (Activation activation : Activation.values()) {
      if (activation.isCalled(name)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "hidden_act is " + name + "; supported are silu, gelu and gelu_pytorch_tanh");
  }

  private int defaultMaxPositions() {
    return switch (family) {
      case LLAMA -> 2048;
      case MISTRAL, GEMMA3 -> 131_072;
      case QWEN2, QWEN3 -> 32_768;
      case GEMMA, GEMMA2 -> 8192;
    };
  }

  private @Nullable Integer token(String field, int llama, int gemma) {
    ConfigFields at = fields.inherited(field);
    if (at.has(field)) {
      return at.optionalInteger(field);
    }
    return switch (family) {
      case LLAMA, MISTRAL -> (Integer) llama;
      case QWEN2, QWEN3 -> null;
      case GEMMA, GEMMA2, GEMMA3 -> (Integer) gemma;
    };
  }

  private List<Integer> tokens() {
    ConfigFields at = fields.inherited("eos_token_id");
    if (at.has("eos_token_id")) {
      return at.integers("eos_token_id");
    }
    Integer otherwise = token("eos_token_id", 2, 1);
    return otherwise == null ? List.of() : List.of(otherwise);
  }

  private DType dtype() {
    String name = fields.inherited("dtype").text("dtype");
    if (name == null) {
      name = fields.inherited("torch_dtype").text("torch_dtype");
    }
    return switch (name == null ? "float32" : name) {
      case "float32" -> DType.FLOAT32;
      case "float16" -> DType.FLOAT16;
      case "bfloat16" -> DType.BFLOAT16;
      default ->
          throw new IllegalArgumentException(
              "torch_dtype is " + name + "; supported are float32, float16 and bfloat16");
    };
  }

  /**
   * Both spellings where transformers changed one (rope_theta and rope_scaling up to version 4,
   * rope_parameters from 5); they say the same.
   */
  static String write(ModelConfig config) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Family family = config.family();
    ModelConfig.Attention attention = config.attention();
    ObjectNode root = json.objectNode();
    root.putArray("architectures").add(family.architecture());
    root.put("model_type", family.modelType());
    root.put("vocab_size", config.vocabSize());
    root.put("hidden_size", config.hiddenSize());
    root.put("intermediate_size", config.intermediateSize());
    root.put("num_hidden_layers", config.layers());
    root.put("num_attention_heads", attention.heads());
    root.put("num_key_value_heads", attention.keyValueHeads());
    root.put("head_dim", attention.headDim());
    if (!family.hasPostNorms()) {
      root.put("hidden_act", config.activation().key());
    }
    if (family.isGemma()) {
      root.put("hidden_activation", config.activation().key());
    }
    root.put("rms_norm_eps", config.rmsNormEps());
    root.put("max_position_embeddings", config.maxPositions());
    root.put("tie_word_embeddings", config.tiedEmbeddings());
    root.put("attention_bias", attention.outputBias());
    if (family == Family.LLAMA) {
      root.put("mlp_bias", config.mlpBias());
    }
    if (family.hasPostNorms()) {
      root.put("query_pre_attn_scalar", attention.queryPreAttnScalar());
      root.put("attn_logit_softcapping", attention.softcap());
      root.put("final_logit_softcapping", config.finalSoftcap());
    }
    writeLayerTypes(config, root);
    writeRopes(config, root);
    root.put("bos_token_id", config.bosToken());
    ArrayNode eos = json.arrayNode();
    config.eosTokens().forEach(eos::add);
    root.set("eos_token_id", eos.size() > 1 ? eos : eos.isEmpty() ? json.nullNode() : eos.get(0));
    root.put("torch_dtype", config.dtype().name().toLowerCase(Locale.ROOT));
    return Json.pretty(root);
  }

  private static void writeLayerTypes(ModelConfig config, ObjectNode root) {
    Family family = config.family();
    if (family == Family.LLAMA || family == Family.GEMMA) {
      return;
    }
    Integer window = config.attention().slidingWindow();
    root.put("sliding_window", window);
    if (family == Family.QWEN2 || family == Family.QWEN3) {
      root.put("use_sliding_window", window != null);
      int firstWindowed = config.layerTypes().indexOf(LayerType.SLIDING);
      root.put("max_window_layers", firstWindowed < 0 ? config.layers() : firstWindowed);
    }
    if (family != Family.MISTRAL) {
      ArrayNode types = root.putArray("layer_types");
      config.layerTypes().forEach(type -> types.add(type.key()));
    }
    int firstFull = config.layerTypes().indexOf(LayerType.FULL);
    if (family == Family.GEMMA3 && firstFull >= 0) {
      root.put("sliding_window_pattern", firstFull + 1);
    }
  }

  private static void writeRopes(ModelConfig config, ObjectNode root) {
    ObjectNode parameters = root.objectNode();
    if (config.family() == Family.GEMMA3) {
      config.ropes().forEach((type, rope) -> parameters.set(type.key(), ropeNode(rope, true)));
    } else {
      parameters.setAll(ropeNode(config.rope(0), true));
    }
    root.set("rope_parameters", parameters);
    Rope local = config.ropes().get(LayerType.SLIDING);
    if (config.family() == Family.GEMMA3 && local != null) {
      root.put("rope_local_base_freq", local.theta());
    }
    Rope full = config.ropes().getOrDefault(LayerType.FULL, config.rope(0));
    root.put("rope_theta", full.theta());
    root.set(
        "rope_scaling",
        full.scaling() instanceof Rope.Scaling.None ? root.nullNode() : ropeNode(full, false));
  }

  private static ObjectNode ropeNode(Rope rope, boolean withTheta) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (withTheta) {
      node.put("rope_theta", rope.theta());
    }
    if (rope.scaling() instanceof Rope.Scaling.Linear linear) {
      node.put("rope_type", "linear").put("factor", linear.factor());
    } else if (rope.scaling() instanceof Rope.Scaling.Llama3 llama3) {
      node.put("rope_type", "llama3")
          .put("factor", llama3.factor())
          .put("low_freq_factor", llama3.lowFrequencyFactor())
          .put("high_freq_factor", llama3.highFrequencyFactor())
          .put("original_max_position_embeddings", llama3.originalMaxPositions());
    } else {
      node.put("rope_type", "default");
    }
    return node;
  }
}
