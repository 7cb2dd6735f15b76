package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Mixing;
import ai.kindred.core.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a model without changing it: likelihoods of given tokens, scores of next tokens, hidden
 * states. Each method takes many examples at once, packed without padding, and refuses token ids
 * outside the vocabulary and examples longer than the model's context.
 */
public final class Scorer implements AutoCloseable {

  /** Targets whose scores over the vocabulary are held at once. */
  private static final int CHUNK = 256;

  /** Rows whose next token is predicted: hidden states [N, D], where they stand, and that token. */
  private record Rows(Tensor hidden, Tensor positions, Tensor example, Tensor labels) {

    static Rows of(CausalLm network, Tensor ids, Tensor targets, Tensor labels, Pass pass) {
      return new Rows(
          network.hidden(ids, pass).indexSelect(0, targets),
          pass.positions().indexSelect(0, targets),
          pass.example().indexSelect(0, targets),
          labels);
    }

    Tensor negativeLogLikelihood(CausalLm network) {
      Mixing none =
          (layer, q, k, v, scores) -> {
            throw new IllegalStateException("scores of tokens are made a row at a time");
          };
      Pass pass = new Pass(positions, example, none, List.of(), false, false, null);
      return network.negativeLogLikelihood(hidden, labels, pass);
    }
  }

  private final LanguageModel model;
  private final Kernel<TokenBatch, Rows> targets;
  private final Kernel<Continuations, Rows> continuations;
  private final Kernel<Rows, Tensor> likelihoods;
  private final Kernel<TokenBatch, Tensor> logits;
  private final Kernel<TokenBatch, List<Tensor>> states;

  /** A scorer of a model, which must stay open as long as this. */
  public Scorer(LanguageModel model) {
    this.model = model;
    CausalLm network = model.base();
    targets =
        Kernel.of(
            batch ->
                Rows.of(
                    network,
                    batch.ids(),
                    batch.targets(),
                    batch.labels(),
                    model.pass(batch, false, false, null)));
    continuations =
        Kernel.of(
            c ->
                Rows.of(
                    network,
                    c.ids(),
                    c.targets(),
                    c.labels(),
                    c.pass(model.activations(), model.windows())));
    likelihoods = Kernel.of(rows -> rows.negativeLogLikelihood(network));
    logits =
        Kernel.of(
            batch -> {
              Pass pass = model.pass(batch, false, false, null);
              Tensor h = network.hidden(batch.ids(), pass).indexSelect(0, batch.targets());
              return network.logits(h, pass);
            });
    states =
        Kernel.of(
            batch ->
                network
                    .model()
                    .hiddenStates(batch.ids(), model.pass(batch, false, false, null))
                    .stream()
                    .map(h -> h.to(DType.FLOAT32))
                    .toList());
  }

  /** Negative log-likelihoods [N], a chunk at a time. */
  private double[] likelihoods(Rows rows) {
    int n = Math.toIntExact(rows.labels().size(0).value());
    double[] all = new double[n];
    for (int from = 0; from < n; from += CHUNK) {
      int start = from;
      int length = Math.min(CHUNK, n - from);
      double[] some =
          Scope.tidy(
              () -> likelihoods.call(Tree.map(rows, t -> t.narrow(0, start, length))).toDoubles());
      System.arraycopy(some, 0, all, from, length);
    }
    return all;
  }

  /** Negative log-likelihood of each target of a batch, in nats. */
  public double[] negativeLogLikelihoods(PackedBatch batch) {
    check(batch);
    return batch.targetIds().length == 0
        ? new double[0]
        : Scope.tidy(() -> likelihoods(targets.call(TokenBatch.of(batch))));
  }

  /**
   * Log-probabilities of given continuations of one prompt, which is read once.
   *
   * @param prompt at least one token id
   * @param continuations at least one token id each
   * @return for each continuation the log-probability of each of its tokens, in nats; their sum is
   *     the continuation's
   */
  public List<double[]> logProbabilities(int[] prompt, List<int[]> continuations) {
    if (prompt.length == 0 || continuations.stream().anyMatch(c -> c.length == 0)) {
      throw new IllegalArgumentException(
          "a prompt and each continuation need at least one token id");
    }
    model.requireKnown(prompt);
    for (int[] c : continuations) {
      model.requireKnown(c);
      model.requireFits(Math.addExact(prompt.length, c.length));
    }
    if (continuations.isEmpty()) {
      return List.of();
    }
    double[] nll =
        Scope.tidy(
            () -> likelihoods(this.continuations.call(Continuations.of(prompt, continuations))));
    double[] log = Arrays.stream(nll).map(x -> -x).toArray();
    List<double[]> each = new ArrayList<>();
    int from = 0;
    for (int[] c : continuations) {
      each.add(Arrays.copyOfRange(log, from, from + c.length));
      from += c.length;
    }
    return each;
  }

  /** Scores [N, V] of the token after each target row, float32; owned by the innermost scope. */
  public Tensor logits(PackedBatch batch) {
    check(batch);
    return Scope.tidy(() -> logits.call(TokenBatch.of(batch)));
  }

  /**
   * Hidden states that enter each layer and the normed last one, layers + 1 tensors [T, D] in
   * float32.
   */
  public List<Tensor> hiddenStates(PackedBatch batch) {
    check(batch);
    return Scope.tidy(() -> states.call(TokenBatch.of(batch)));
  }

  private void check(PackedBatch batch) {
    model.requireKnown(batch.ids());
    for (int b = 0; b < batch.examples(); b++) {
      model.requireFits(batch.starts()[b + 1] - batch.starts()[b]);
    }
    for (int label : batch.targetIds()) {
      if (label < 0 || label >= model.config().vocabSize()) {
        throw new IllegalArgumentException(
            "label "
                + label
                + " is outside the model's vocabulary of "
                + model.config().vocabSize()
                + " tokens");
      }
    }
  }

  @Override
  public void close() {
    targets.close();
    continuations.close();
    likelihoods.close();
    logits.close();
    states.close();
  }
}
