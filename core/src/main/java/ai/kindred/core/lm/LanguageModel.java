package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.nn.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
 * @param template how conversations are written; null where the folder does not say
 * @param source the folder whose tokenizer, template and generation settings belong to this model,
 *     copied by {@link #save}; null for none
 */
public record LanguageModel(
    CausalLm base,
    ModelConfig config,
    @Nullable Tokenizer tokenizer,
    @Nullable ChatTemplate template,
    @Nullable Path source) {

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
    return made(config, tokenizer, new RandomWeights(config, key.fold("weights")));
  }

  /** A network of zeros in float32: a frame that weights from elsewhere are put into. */
  public static LanguageModel blank(ModelConfig config) {
    return made(config, null, new ZeroWeights());
  }

  private static LanguageModel made(
      ModelConfig config, @Nullable Tokenizer tokenizer, ModelFolder.Weights weights) {
    try {
      CausalLm network = new NetworkBuilder(config, Precision.FLOAT32, weights).build();
      return new LanguageModel(network, config, tokenizer, null, null);
    } catch (IOException e) {
      throw new UncheckedIOException("made weights do not fit their network", e);
    }
  }

  /**
   * Writes a folder that this class and transformers load: weights in the precision they have here,
   * config.json, and the tokenizer, template and generation settings of {@link #source}. The folder
   * appears whole or not at all.
   *
   * @throws IllegalStateException if the model has adapters (merge them or take them out first) or
   *     8-bit weights
   */
  public void save(Path folder) throws IOException {
    new ModelWriter(this).write(folder);
  }

  /** Type of activations. */
  public DType activations() {
    return base.model().embedTokens().dtype();
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

  /** The chat template, or an error that says what is missing. */
  public ChatTemplate requireTemplate() {
    if (template == null) {
      throw new IllegalStateException(
          "this model has no chat template: its folder has no chat_template.jinja and no"
              + " chat_template in tokenizer_config.json; give a plain prompt");
    }
    return template;
  }

  /** Ids that end a text: the config's, and those of the tokenizer's folder. */
  public Set<Integer> endOfText() {
    Set<Integer> ids = new TreeSet<>(config.eosTokens());
    if (tokenizer != null) {
      ids.addAll(tokenizer.specialTokens().stops());
    }
    return ids;
  }

  /**
   * Ids of an answer to be learnt: the text without special tokens, and the end-of-text id (the
   * lowest of them) by which the model learns to stop.
   *
   * @throws IllegalStateException if there is no tokenizer, or no id that ends a text
   */
  public int[] encodeTarget(String text) {
    int[] ids = requireTokenizer().encode(text, false);
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] =
        endOfText().stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "this model has no end-of-text id, so it cannot learn to stop: give"
                            + " eos_token_id in its config.json"));
    return ended;
  }

  /** Refuses ids that the model has no row for; embeddings of another kind may have more rows. */
  void requireKnown(int[] ids) {
    int vocabulary = config.vocabSize();
    boolean plain = base.model().embedTokens() instanceof Table;
    for (int id : ids) {
      if (id >= vocabulary || (id < 0 && plain)) {
        throw new IllegalArgumentException(
            "token id " + id + " is outside the model's vocabulary of " + vocabulary + " tokens");
      }
    }
  }

  /** Refuses sequences that are empty or longer than the model's context. */
  void requireFits(int length) {
    if (length < 1 || length > config.maxPositions()) {
      throw new IllegalArgumentException(
          "a sequence of "
              + length
              + " tokens; the model's context holds 1 to "
              + config.maxPositions());
    }
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
