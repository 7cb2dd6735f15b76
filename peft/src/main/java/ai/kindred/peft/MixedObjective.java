package ai.kindred.peft;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.Objective;

/**
 * Trains several adapters of one language model together, each on its own examples of a mixed
 * batch: the mean negative log-likelihood of all targets, as {@link LanguageModelObjective} has it.
 *
 * @param adapters what is trained
 * @param recompute whether blocks compute their inner results again for the gradient
 */
public record MixedObjective(MixedAdapters<LanguageModel> adapters, boolean recompute)
    implements Objective<MixedObjective.MixedBatch> {

  /**
   * A batch whose examples run different adapters.
   *
   * @param tokens the examples
   * @param adapterOfExample [B] int64
   */
  public record MixedBatch(TokenBatch tokens, Tensor adapterOfExample) {}

  /** The first parameters: those of all adapters, by path and index. */
  public Params params() {
    return adapters.assigned(0).params(Adapter.class);
  }

  @Override
  public Tensor loss(Params params, MixedBatch batch, Tensor key) {
    LanguageModel model = adapters.assigned(batch.adapterOfExample());
    return LanguageModelObjective.of(model)
        .recomputing(recompute)
        .loss(params, batch.tokens(), key);
  }
}
