package ai.kindred.reliability.campaign;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A language model: mean negative log-likelihood a token of a text, in nats, read in windows
 * without overlap. Its products are hit, a scale a row; the embedding table, which is also the last
 * product where the two are tied, biases and norms are not. A token whose likelihood is no number
 * counts as a guess, log V nats.
 */
public final class LanguageModelTarget implements Target {

  private static final int WORD = 16;
  private static final int BATCH_TOKENS = 1024;

  private final LanguageModel model;
  private final Map<String, Dense> products = new LinkedHashMap<>();
  private final List<Matrix> matrices = new ArrayList<>();
  private final List<PackedBatch> batches = new ArrayList<>();
  private final int tokens;

  /**
   * A target; the model must outlive it.
   *
   * @param model with weights in floats
   * @param ids the text, at least two tokens
   * @param window tokens a window, at least 2, no more than the model's context
   */
  public LanguageModelTarget(LanguageModel model, int[] ids, int window) {
    this.model = model;
    if (ids.length < 2 || window < 2) {
      throw new IllegalArgumentException(
          "a text of "
              + ids.length
              + " tokens in windows of "
              + window
              + "; at least two are needed to predict one");
    }
    Tree.parts(model, Linear.class)
        .forEach(
            (path, l) -> {
              if (l instanceof Dense d && d.in() % WORD == 0) {
                int in = Math.toIntExact(d.in());
                products.put(path, d);
                matrices.add(new Matrix(path, Math.toIntExact(d.out()) * in, in, 0));
              }
            });
    if (products.isEmpty()) {
      throw new IllegalArgumentException(
          "the model has no products in floats with a multiple of " + WORD + " inputs");
    }
    int count = 0;
    List<TokenizedExample> some = new ArrayList<>();
    int held = 0;
    for (int from = 0; from + 1 < ids.length; from += window) {
      int to = Math.min(ids.length, from + window);
      some.add(
          new TokenizedExample(
              Arrays.copyOfRange(ids, from, from + 1), Arrays.copyOfRange(ids, from + 1, to), 0));
      count += to - from - 1;
      held += to - from;
      if (held >= BATCH_TOKENS) {
        batches.add(PackedBatch.of(some));
        some = new ArrayList<>();
        held = 0;
      }
    }
    if (!some.isEmpty()) {
      batches.add(PackedBatch.of(some));
    }
    tokens = count;
  }

  /** How many tokens are predicted. */
  public int tokens() {
    return tokens;
  }

  @Override
  public Measure measure() {
    return Measure.LOSS;
  }

  @Override
  public List<Matrix> matrices() {
    return List.copyOf(matrices);
  }

  @Override
  public float[] weights(String matrix) {
    Dense product = products.get(matrix);
    if (product == null) {
      throw new IllegalArgumentException("no matrix is called " + matrix);
    }
    return product.weight().toFloats();
  }

  @Override
  @SuppressWarnings("try") // the scope works by being open
  public double evaluate(WeightSource weights) {
    try (Scope scope = Scope.open()) {
      LanguageModel faulty =
          Tree.rewrite(
              model,
              Linear.class,
              (path, l) ->
                  l instanceof Dense d && products.containsKey(path)
                      ? new Dense(read(weights, path, d), d.bias())
                      : l);
      double guess = Math.log(model.config().vocabSize());
      double sum = 0;
      try (Scorer scorer = new Scorer(faulty)) {
        for (PackedBatch batch : batches) {
          for (double nats : scorer.negativeLogLikelihoods(batch)) {
            sum += Double.isFinite(nats) ? nats : guess;
          }
        }
      }
      return sum / tokens;
    }
  }

  private static Tensor read(WeightSource weights, String path, Dense d) {
    return Scope.tidy(
        () -> Tensor.of(weights.weights(path), d.weight().lengths()).to(d.weight().dtype()).copy());
  }
}
