package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decoder language model with what belongs to it. A record like any other: adapters are put in by
 * rewriting its tree, and what is trained is a selection of its leaves.
 *
 * <pre>{@code
 * LanguageModel model = LanguageModel.load(Path.of("smollm2-135m-instruct"), Precision.BFLOAT16);
 * LanguageModel adapted = Tree.rewrite(model, Linear.class, (path, l) -> path.endsWith("q_proj") ? lora(l) : l);
 * Params trained = adapted.params(Adapter.class);
 * }</pre>
 *
 * @param base the network; its leaves have the names of Hugging Face checkpoints
 * @param config architecture
 * @param tokenizer null where the folder has none
 */
public record LanguageModel(CausalLm base, ModelConfig config, @Nullable Tokenizer tokenizer) {

  /**
   * Loads a folder in the weights' own precision, bfloat16 or float32.
   *
   * @param folder a Hugging Face folder: config.json, weights as safetensors (one file or an index)
   *     or GGUF, and, for text, tokenizer.json
   * @throws ModelFormatException if the folder does not hold a model that Kindred knows
   * @throws IOException if a file cannot be read
   */
  public static LanguageModel load(Path folder) throws IOException {
    return new ModelFolder(folder).load(null);
  }

  /** Loads a folder in a precision. */
  public static LanguageModel load(Path folder, Precision precision) throws IOException {
    return new ModelFolder(folder).load(precision);
  }

  /**
   * A network before training, in float32, its weights drawn as GPT-2's.
   *
   * @param tokenizer null for a model of ids alone
   * @param key the randomness; the same key and config give the same weights
   */
  public static LanguageModel initialised(
      ModelConfig config, @Nullable Tokenizer tokenizer, Key key) {
    RandomWeights weights = new RandomWeights(config, key.fold("weights"));
    try {
      CausalLm network = new NetworkBuilder(config, Precision.FLOAT32, weights).build();
      return new LanguageModel(network, config, tokenizer);
    } catch (IOException e) {
      throw new UncheckedIOException("drawn weights do not fit their network", e);
    }
  }

  /**
   * Writes a folder that this class and transformers load; adapters must be merged or taken out
   * first.
   */
  public void save(Path folder) throws IOException {
    new ModelFolder(folder).save(this);
  }

  /** Type of activations. */
  public DType activations() {
    return base.model().embedTokens().weight().dtype();
  }

  /**
   * The leaves that parts of a type add, by path: with {@code Adapter.class} what fine-tuning
   * trains.
   */
  public Params params(Class<?> type) {
    return Tree.params(this, type);
  }

  /** This model without its adapters, sharing every other weight. */
  public LanguageModel withoutAdapters() {
    return Tree.rewrite(this, Linear.class, (path, l) -> l instanceof Adapter a ? a.base() : l);
  }

  /**
   * This model with each adapter worked into its product.
   *
   * @throws IllegalStateException where an adapter's effect depends on its input, naming it
   */
  public LanguageModel merged() {
    return Tree.rewrite(
        this,
        Linear.class,
        (path, l) -> {
          if (!(l instanceof Adapter a)) {
            return l;
          }
          Optional<Linear> one = a.merged();
          return one.orElseThrow(
              () ->
                  new IllegalStateException(
                      "the adapter at "
                          + path
                          + " cannot be merged: what it adds is not the same for every input"));
        });
  }

  /** The tokenizer, or an error that says what is missing. */
  public Tokenizer requireTokenizer() {
    if (tokenizer == null) {
      throw new IllegalStateException(
          "this model has no tokenizer: its folder has no tokenizer.json; give token ids instead of text");
    }
    return tokenizer;
  }

  /** Ids that end a text: the tokenizer's where there is one, else the config's. */
  List<Integer> endOfText() {
    return config.eosTokens();
  }

  /** The windows that layers have, null for layers without. */
  List<@Nullable Integer> windows() {
    List<@Nullable Integer> windows = new ArrayList<>();
    for (LayerType type : config.ropes().keySet()) {
      windows.add(type == LayerType.SLIDING ? config.attention().slidingWindow() : null);
    }
    return windows;
  }

  /** The pass of a batch through this model, for use inside a kernel. */
  public Pass pass(TokenBatch batch, boolean training, boolean recompute, @Nullable Tensor key) {
    return batch.pass(activations(), windows(), training, recompute, key);
  }
}
