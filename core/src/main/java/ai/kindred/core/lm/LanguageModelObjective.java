package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Losses;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.DecoderWork;
import ai.kindred.core.train.Estimate;
import ai.kindred.core.train.Objective;
import ai.kindred.core.train.Optimizer;

/**
 * Mean negative log-likelihood of a batch's targets: what language models are pretrained and
 * fine-tuned by. Parameters are leaves of the model by path; the others stay as they are.
 *
 * <pre>{@code
 * Objective<TokenBatch> objective = LanguageModelObjective.of(adapted);
 * Training.of(config, objective, Batches.single(step -> LanguageModelObjective.batch(packed(step))))
 *     .run(adapted.params(Adapter.class));
 * }</pre>
 *
 * @param model what is trained; weights in float32 where they are trained themselves
 * @param computation type of activations and products, or the model's own
 * @param recompute whether blocks compute their inner results again for the gradient: less memory
 *     for about a third more time
 */
public record LanguageModelObjective(LanguageModel model, DType computation, boolean recompute)
    implements Objective<TokenBatch> {

  /** The objective in the type of the model's embedding, nothing recomputed. */
  public static LanguageModelObjective of(LanguageModel model) {
    return new LanguageModelObjective(model, model.activations(), false);
  }

  /**
   * This objective with activations and products in another type. Master weights in float32 with
   * products in bfloat16 train nearly as fast as bfloat16 alone and lose no small updates.
   */
  public LanguageModelObjective computingIn(DType dtype) {
    return new LanguageModelObjective(model, dtype, recompute);
  }

  /** This objective with blocks that compute their inner results again, or not. */
  public LanguageModelObjective recomputing(boolean again) {
    return new LanguageModelObjective(model, computation, again);
  }

  /** A packed batch for training; its tensors are owned by the innermost scope. */
  public static Batch<TokenBatch> batch(PackedBatch batch) {
    return new Batch<>(
        TokenBatch.of(batch), batch.targetIds().length, batch.tokens(), batch.examples());
  }

  private DecoderWork work(PackedBatch batch, boolean headTrained) {
    ModelConfig config = model.config();
    int targets = batch.targetIds().length;
    int longest = 0;
    for (int i = 0; i < batch.examples(); i++) {
      longest = Math.max(longest, batch.starts()[i + 1] - batch.starts()[i]);
    }
    return new DecoderWork(
        config.layers(),
        config.hiddenSize(),
        config.attention().heads(),
        config.attention().keyValueHeads(),
        config.attention().headDim(),
        config.intermediateSize(),
        config.vocabSize(),
        batch.tokens(),
        longest,
        headTrained ? targets : Math.min(targets, Losses.CHUNK),
        computation,
        recompute);
  }

  /** What a step on a batch such as this takes, where these leaves of the model are trained. */
  public Estimate estimate(Params trained, Optimizer optimizer, PackedBatch batch) {
    DecoderWork work = work(batch, trainsHead(trained));
    long all = Estimate.bytes(Tree.params(model));
    long frozen = all - Estimate.bytes(trained);
    double flops = frozen > all / 2 ? work.frozenStepFlops() : work.stepFlops();
    return Estimate.of(trained, optimizer, frozen, work.activationBytes(), flops);
  }

  /**
   * Negative log-likelihood [N] of each target, for losses that weigh them. Keeps their scores over
   * the vocabulary, which {@link #loss} does not.
   */
  public Tensor losses(Params params, TokenBatch batch, Tensor key) {
    Forward forward = forward(params, batch, key);
    return forward
        .network()
        .negativeLogLikelihood(forward.hidden(), batch.labels(), forward.pass());
  }

  private record Forward(CausalLm network, Tensor hidden, Pass pass) {}

  private Forward forward(Params params, TokenBatch batch, Tensor key) {
    LanguageModel moved = Tree.with(model, params);
    LanguageModel typed =
        moved.activations() == computation
            ? moved
            : Tree.rewrite(moved, Embedding.class, (path, e) -> new Computing(e, computation));
    CausalLm network = typed.base();
    Pass pass = typed.pass(batch, true, recompute, key);
    return new Forward(
        network, network.hidden(batch.ids(), pass).indexSelect(0, batch.targets()), pass);
  }

  @Override
  public Tensor loss(Params params, TokenBatch batch, Tensor key) {
    Forward forward = forward(params, batch, key);
    CausalLm network = forward.network();
    Tensor hidden = forward.hidden();
    Pass pass = forward.pass();
    return trainsHead(params)
        ? network.negativeLogLikelihood(hidden, batch.labels(), pass).mean()
        : network
            .frozenHeadLoss(hidden, batch.labels(), pass)
            .div(Tensor.of(batch.labels().size(0)).to(DType.FLOAT32));
  }

  /** Whether the gradient must reach the matrix of the output product. */
  private boolean trainsHead(Params params) {
    boolean tied = model.base().lmHead() == null;
    return params.asMap().containsKey(tied ? "model.embed_tokens.weight" : "lm_head.weight");
  }
}
