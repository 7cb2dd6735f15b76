package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
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
  private static final long CHUNK = 256;

  private final LanguageModel model;
  private final Kernel<TokenBatch, Tensor> likelihoods;
  private final Kernel<Continuations, Tensor> continuations;
  private final Kernel<TokenBatch, Tensor> logits;
  private final Kernel<TokenBatch, List<Tensor>> states;

  /** A scorer of a model, which must stay open as long as this. */
  public Scorer(LanguageModel model) {
    this.model = model;
    CausalLm network = model.base();
    likelihoods =
        Kernel.of(
            batch ->
                likelihoods(
                    network,
                    batch.ids(),
                    batch.targets(),
                    batch.labels(),
                    model.pass(batch, false, false, null)));
    continuations =
        Kernel.of(
            c ->
                likelihoods(
                    network,
                    c.ids(),
                    c.targets(),
                    c.labels(),
                    c.pass(model.activations(), model.windows())));
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

  /** Negative log-likelihoods [N], worked out a chunk at a time. */
  private static Tensor likelihoods(
      CausalLm network, Tensor ids, Tensor targets, Tensor labels, Pass pass) {
    Tensor h = network.hidden(ids, pass).indexSelect(0, targets);
    Dim n = targets.size(0);
    Tensor each =
        Kernel.cat(
            n.plus(CHUNK - 1).over(CHUNK),
            0,
            i -> {
              Dim from = i.times(CHUNK);
              Dim length = n.minus(from).min(Dim.of(CHUNK));
              return network.negativeLogLikelihood(
                  h.narrow(0, from, length), labels.narrow(0, from, length), pass);
            });
    return each.reshape(n);
  }

  /** Negative log-likelihood of each target of a batch, in nats. */
  public double[] negativeLogLikelihoods(PackedBatch batch) {
    check(batch);
    return batch.targetIds().length == 0
        ? new double[0]
        : Scope.tidy(() -> likelihoods.call(TokenBatch.of(batch)).toDoubles());
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
            () -> this.continuations.call(Continuations.of(prompt, continuations)).toDoubles());
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
    likelihoods.close();
    continuations.close();
    logits.close();
    states.close();
  }
}
