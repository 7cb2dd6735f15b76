package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Pass;
import java.util.List;

/**
 * Reads a model without changing it: likelihoods of given tokens, scores of next tokens, hidden
 * states. Each method takes many examples at once, packed without padding.
 */
public final class Scorer implements AutoCloseable {

  private final Kernel<TokenBatch, Tensor> likelihoods;
  private final Kernel<TokenBatch, Tensor> logits;
  private final Kernel<TokenBatch, List<Tensor>> states;

  /** A scorer of a model, which must stay open as long as this. */
  public Scorer(LanguageModel model) {
    CausalLm network = model.base();
    likelihoods =
        Kernel.of(
            batch -> {
              Pass pass = model.pass(batch, false, false, null);
              Tensor h = network.hidden(batch.ids(), pass).indexSelect(0, batch.targets());
              return network.negativeLogLikelihood(h, batch.labels(), pass);
            });
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

  /** Negative log-likelihood of each target of a batch, in nats. */
  public double[] negativeLogLikelihoods(PackedBatch batch) {
    return Scope.tidy(() -> likelihoods.call(TokenBatch.of(batch)).toDoubles());
  }

  /** Scores [N, V] of the token after each target row, float32; owned by the innermost scope. */
  public Tensor logits(PackedBatch batch) {
    return Scope.tidy(() -> logits.call(TokenBatch.of(batch)));
  }

  /**
   * Hidden states that enter each layer and the normed last one, layers + 1 tensors [T, D] in
   * float32.
   */
  public List<Tensor> hiddenStates(PackedBatch batch) {
    return Scope.tidy(() -> states.call(TokenBatch.of(batch)));
  }

  @Override
  public void close() {
    likelihoods.close();
    logits.close();
    states.close();
  }
}
