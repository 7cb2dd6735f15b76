package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How llama.cpp's GGUF files store the Llama family: other names for configuration and tensors, and
 * rows of the query and key projections reordered for an interleaved rotary embedding.
 */
public final class GgufLlama {
  private static final Pattern LAYER_TENSOR =
      Pattern.compile("blk\\.(\\d{1,4})\\.(\\w+)\\.(weight|bias)");

  private static final Pattern HUGGING_FACE_TENSOR =
      Pattern.compile("model\\.layers\\.(\\d{1,4})\\.([\\w.]+)\\.(weight|bias)");

  private static final Map<String, String> TOP_NAMES =
      Map.of(
          "token_embd.weight", "model.embed_tokens.weight",
          "output_norm.weight", "model.norm.weight",
          "output.weight", "lm_head.weight");

  private static final Map<String, String> LAYER_NAMES =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_q", "self_attn.q_proj",
          "attn_k", "self_attn.k_proj",
          "attn_v", "self_attn.v_proj",
          "attn_output", "self_attn.o_proj",
          "ffn_norm", "post_attention_layernorm",
          "ffn_gate", "mlp.gate_proj",
          "ffn_up", "mlp.up_proj",
          "ffn_down", "mlp.down_proj");

  private GgufLlama() {}

  /**
   * Architecture from a file's metadata.
   *
   * @param metadata keys such as {@code llama.block_count}; values numbers, strings, lists, arrays
   * @param tensors names of the file's tensors: they tell tied embeddings and scaled rotary
   *     embedding, which GGUF keeps out of the metadata
   * @param source names the file in errors
   */
  public static ModelConfig config(Map<String, ?> metadata, Set<String> tensors, String source)
      throws ModelFormatException {
    try {
      return config(new Metadata(metadata), tensors);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source, String.valueOf(e.getMessage()), e);
    }
  }

  private static ModelConfig config(Metadata metadata, Set<String> tensors) {
    Object architecture = metadata.values().get("general.architecture");
    if (!"llama".equals(architecture)) {
      throw new IllegalArgumentException(
          "general.architecture is "
              + architecture
              + "; only llama is read from GGUF, other families from a Hugging Face folder");
    }
    if (tensors.contains("rope_freqs.weight")) {
      throw new IllegalArgumentException(
          "has rope_freqs.weight (llama3 rotary scaling), whose settings GGUF does not keep; put"
              + " the model's config.json beside the file");
    }
    int hidden = metadata.integer("llama.embedding_length");
    int heads = metadata.integer("llama.attention.head_count");
    Ranges.between("llama.attention.head_count", heads, 1, 1024);
    int layers = metadata.integer("llama.block_count");
    Ranges.between("llama.block_count", layers, 1, HuggingFaceConfig.MAX_LAYERS);
    int rotated = metadata.integer("llama.rope.dimension_count", hidden / heads);
    int headDim = metadata.integer("llama.attention.key_length", rotated);
    if (rotated != headDim) {
      throw new IllegalArgumentException(
          "llama.rope.dimension_count is " + rotated + ", not the head size " + headDim);
    }
    Rope rope = new Rope(metadata.number("llama.rope.freq_base", 10_000), metadata.scaling());
    Integer eos = metadata.optionalInteger("tokenizer.ggml.eos_token_id");
    return new ModelConfig(
        Family.LLAMA,
        metadata.vocabSize(),
        hidden,
        metadata.integer("llama.feed_forward_length"),
        Activation.SILU,
        tensors.contains("blk.0.ffn_up.bias"),
        metadata.number("llama.attention.layer_norm_rms_epsilon", 1e-5),
        metadata.integer("llama.context_length"),
        new ModelConfig.Attention(
            heads,
            metadata.integer("llama.attention.head_count_kv", heads),
            headDim,
            headDim,
            tensors.contains("blk.0.attn_q.bias"),
            tensors.contains("blk.0.attn_output.bias"),
            null,
            null),
        Collections.nCopies(layers, LayerType.FULL),
        Map.of(LayerType.FULL, rope),
        !tensors.contains("output.weight"),
        null,
        metadata.optionalInteger("tokenizer.ggml.bos_token_id"),
        eos == null ? List.of() : List.of(eos),
        DType.FLOAT32);
  }

  /** Hugging Face's name of a GGUF tensor; empty for tensors that a folder does not have. */
  public static Optional<String> huggingFaceName(String ggufName) {
    String top = TOP_NAMES.get(ggufName);
    if (top != null) {
      return Optional.of(top);
    }
    Matcher layer = LAYER_TENSOR.matcher(ggufName);
    if (!layer.matches()) {
      return Optional.empty();
    }
    return Optional.ofNullable(LAYER_NAMES.get(layer.group(2)))
        .map(name -> "model.layers." + layer.group(1) + "." + name + "." + layer.group(3));
  }

  /** GGUF's name of a Hugging Face tensor; empty where it has none. */
  public static Optional<String> ggufName(String huggingFaceName) {
    for (Map.Entry<String, String> top : TOP_NAMES.entrySet()) {
      if (top.getValue().equals(huggingFaceName)) {
        return Optional.of(top.getKey());
      }
    }
    Matcher layer = HUGGING_FACE_TENSOR.matcher(huggingFaceName);
    if (!layer.matches()) {
      return Optional.empty();
    }
    return LAYER_NAMES.entrySet().stream()
        .filter(name -> name.getValue().equals(layer.group(2)))
        .map(name -> "blk." + layer.group(1) + "." + name.getKey() + "." + layer.group(3))
        .findFirst();
  }

  /**
   * Heads whose rows were reordered in a tensor: the query heads for {@code attn_q}, the key heads
   * for {@code attn_k}, 0 for tensors whose rows are as they were.
   */
  public static int permutedHeads(String ggufName, ModelConfig config) {
    Matcher layer = LAYER_TENSOR.matcher(ggufName);
    if (!layer.matches()) {
      return 0;
    }
    return switch (layer.group(2)) {
      case "attn_q" -> config.attention().heads();
      case "attn_k" -> config.attention().keyValueHeads();
      default -> 0;
    };
  }

  /**
   * Where each row of the Hugging Face tensor lies in the GGUF tensor: {@code huggingFace[r] =
   * gguf[rows[r]]}. Within a head of size d, Hugging Face pairs row i with row i + d/2, GGUF (as
   * Meta's own files and llama2.c) row 2i with row 2i + 1.
   *
   * @param heads heads of the projection
   * @param headDim size of a head, even
   * @return [heads * headDim]
   */
  public static int[] huggingFaceRows(int heads, int headDim) {
    int half = headDim / 2;
    int[] rows = new int[heads * headDim];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < half; i++) {
        rows[head * headDim + i] = head * headDim + 2 * i;
        rows[head * headDim + half + i] = head * headDim + 2 * i + 1;
      }
    }
    return rows;
  }

  /** Typed access that names the key. */
  private record Metadata(Map<String, ?> values) {
    int integer(String key) {
      Integer value = optionalInteger(key);
      if (value == null) {
        throw new IllegalArgumentException(key + " is missing; expected a whole number");
      }
      return value;
    }

    int integer(String key, int otherwise) {
      Integer value = optionalInteger(key);
      return value == null ? otherwise : value;
    }

    @Nullable Integer optionalInteger(String key) {
      Object value = values.get(key);
      if (value == null) {
        return null;
      }
      if (value instanceof Number number
          && number.doubleValue() == number.intValue()
          && number.intValue() >= 0) {
        return number.intValue();
      }
      throw new IllegalArgumentException(
          key + " is " + value + "; expected a whole number from 0 to 2^31 - 1");
    }

    double number(String key, double otherwise) {
      Object value = values.get(key);
      if (value == null) {
        return otherwise;
      }
      if (value instanceof Number number) {
        return number.doubleValue();
      }
      throw new IllegalArgumentException(key + " is " + value + "; expected a number");
    }

    int vocabSize() {
      Object tokens = values.get("tokenizer.ggml.tokens");
      int counted =
          tokens instanceof Collection<?> list
              ? list.size()
              : tokens instanceof Object[] array ? array.length : 0;
      return counted > 0 ? integer("llama.vocab_size", counted) : integer("llama.vocab_size");
    }

    Rope.Scaling scaling() {
      Object type = values.get("llama.rope.scaling.type");
      if (type == null || "none".equals(type)) {
        return new Rope.Scaling.None();
      }
      if ("linear".equals(type)) {
        return new Rope.Scaling.Linear(number("llama.rope.scaling.factor", Double.NaN));
      }
      throw new IllegalArgumentException(
          "llama.rope.scaling.type is " + type + "; supported are none and linear");
    }
  }
}
