package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Architecture of a decoder language model: everything that its weights alone do not say. Defaults
 * are transformers' own for each family, so a config.json means here what it means there.
 *
 * @param family which decoder
 * @param vocabSize rows of the embedding, 1 to 2^24
 * @param hiddenSize width of the residual stream, 1 to 2^17
 * @param intermediateSize width of the MLP, 1 to 2^20
 * @param activation of the MLP's gate
 * @param mlpBias whether gate, up and down projections have biases
 * @param rmsNormEps added to the mean square in norms, above 0
 * @param maxPositions longest sequence the model was made for, in tokens
 * @param attention what all attention layers share
 * @param layerTypes what each layer may see; its length is the number of layers, 1 to 1024
 * @param ropes rotary embedding of each kind of layer that occurs
 * @param tiedEmbeddings whether the output projection is the embedding
 * @param finalSoftcap logits become {@code c tanh(logits / c)}; null for none
 * @param bosToken id that starts a text, where the config gives one
 * @param eosTokens ids that end a text, as many as the config gives
 * @param dtype type the weights were saved in
 */
public record ModelConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    Activation activation,
    boolean mlpBias,
    double rmsNormEps,
    int maxPositions,
    Attention attention,
    List<LayerType> layerTypes,
    Map<LayerType, Rope> ropes,
    boolean tiedEmbeddings,
    @Nullable Double finalSoftcap,
    @Nullable Integer bosToken,
    List<Integer> eosTokens,
    DType dtype) {

  /**
   * Grouped-query attention (Ainslie et al., 2023, arXiv:2305.13245).
   *
   * @param heads query heads, 1 to 1024
   * @param keyValueHeads key and value heads; divides {@code heads}
   * @param headDim size of a head, even, 2 to 4096
   * @param queryPreAttnScalar scores are divided by its square root; {@code headDim} but in Gemma2
   *     and Gemma3
   * @param queryKeyValueBias whether q, k and v projections have biases
   * @param outputBias whether the output projection has a bias
   * @param softcap scores become {@code c tanh(score / c)} before the mask; null for none
   * @param slidingWindow positions that a {@link LayerType#SLIDING} layer sees, itself included;
   *     null where there is no such layer
   */
  public record Attention(
      int heads,
      int keyValueHeads,
      int headDim,
      double queryPreAttnScalar,
      boolean queryKeyValueBias,
      boolean outputBias,
      @Nullable Double softcap,
      @Nullable Integer slidingWindow) {

    /** Throws IllegalArgumentException that names the field of config.json and its range. */
    public Attention {
      Ranges.between("num_attention_heads", heads, 1, 1024);
      Ranges.between("num_key_value_heads", keyValueHeads, 1, heads);
      Ranges.between("head_dim", headDim, 2, 4096);
      if (heads % keyValueHeads != 0) {
        throw new IllegalArgumentException(
            "num_key_value_heads is %d; it must divide num_attention_heads, which is %d"
                .formatted(keyValueHeads, heads));
      }
      if (headDim % 2 != 0) {
        throw new IllegalArgumentException(
            "head_dim is " + headDim + "; rotary embedding needs an even number");
      }
      Ranges.above("query_pre_attn_scalar", queryPreAttnScalar, 0, 1e9);
      if (softcap != null) {
        Ranges.above("attn_logit_softcapping", softcap, 0, 1e9);
      }
      if (slidingWindow != null) {
        Ranges.between("sliding_window", slidingWindow, 1, Ranges.MAX_POSITIONS);
      }
    }

    /** What scores are multiplied by. */
    public double scale() {
      return 1 / Math.sqrt(queryPreAttnScalar);
    }

    /** Query heads that share a key and value head. */
    public int groupSize() {
      return heads / keyValueHeads;
    }
  }

  /** Throws IllegalArgumentException that names the field of config.json and its range. */
  public ModelConfig {
    Ranges.between("vocab_size", vocabSize, 1, 1 << 24);
    Ranges.between("hidden_size", hiddenSize, 1, 1 << 17);
    Ranges.between("intermediate_size", intermediateSize, 1, 1 << 20);
    Ranges.above("rms_norm_eps", rmsNormEps, 0, 1);
    Ranges.between("max_position_embeddings", maxPositions, 1, Ranges.MAX_POSITIONS);
    Ranges.between("num_hidden_layers", layerTypes.size(), 1, HuggingFaceConfig.MAX_LAYERS);
    if (finalSoftcap != null) {
      Ranges.above("final_logit_softcapping", finalSoftcap, 0, 1e9);
    }
    if (bosToken != null) {
      Ranges.between("bos_token_id", bosToken, 0, vocabSize - 1);
    }
    for (int eos : eosTokens) {
      Ranges.between("eos_token_id", eos, 0, vocabSize - 1);
    }
    for (LayerType type : layerTypes) {
      if (type == LayerType.SLIDING && attention.slidingWindow() == null) {
        throw new IllegalArgumentException(
            "layer_types has sliding_attention, but sliding_window is not set");
      }
      if (!ropes.containsKey(type)) {
        throw new IllegalArgumentException("no rotary embedding given for " + type.key());
      }
    }
    layerTypes = List.copyOf(layerTypes);
    Map<LayerType, Rope> used = new EnumMap<>(ropes);
    used.keySet().retainAll(layerTypes);
    ropes = Collections.unmodifiableMap(used);
    eosTokens = List.copyOf(eosTokens);
  }

  /**
   * Reads {@code config.json} of a folder.
   *
   * @throws ModelFormatException if a field is missing, out of range, or asks for what Kindred does
   *     not do
   * @throws IOException if the file cannot be read or is not JSON
   */
  public static ModelConfig read(Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new ModelFormatException(
          folder.toString(), "no config.json here; a Hugging Face model folder has one");
    }
    return HuggingFaceConfig.read(Json.read(file, Json.Limits.CONFIG), file.toString());
  }

  /**
   * Reads the text of a config.json.
   *
   * @param json the text
   * @param source names it in errors
   */
  public static ModelConfig parse(String json, String source) throws IOException {
    return HuggingFaceConfig.read(Json.parse(json, source, Json.Limits.CONFIG), source);
  }

  /** A config.json that transformers (4.40 and later) and this class read. */
  public String toJson() {
    return HuggingFaceConfig.write(this);
  }

  /** This architecture with weights of another type, and an output projection tied or its own. */
  public ModelConfig withWeights(DType type, boolean tied) {
    return new ModelConfig(
        family,
        vocabSize,
        hiddenSize,
        intermediateSize,
        activation,
        mlpBias,
        rmsNormEps,
        maxPositions,
        attention,
        layerTypes,
        ropes,
        tied,
        finalSoftcap,
        bosToken,
        eosTokens,
        type);
  }

  /** Number of decoder layers. */
  public int layers() {
    return layerTypes.size();
  }

  /** Rotary embedding of a layer. */
  public Rope rope(int layer) {
    Rope rope = ropes.get(layerTypes.get(layer));
    if (rope == null) {
      throw new IllegalStateException("the constructor checks that every layer has one");
    }
    return rope;
  }

  /**
   * What embeddings are multiplied by: the square root of the hidden size in Gemma families, else
   * 1. Transformers rounds it to the type of the activations first.
   */
  public double embeddingScale() {
    return family.isGemma() ? Math.sqrt(hiddenSize) : 1;
  }

  /** What is added to norm weights before they multiply: 1 in Gemma families, else 0. */
  public double normOffset() {
    return family.isGemma() ? 1 : 0;
  }
}
