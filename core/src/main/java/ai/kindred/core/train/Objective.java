package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;

/**
 * What training makes small: the mean loss of a batch at given parameters. It is traced inside
 * kernels, so it is written with tensor operations alone and must not look at numbers. What it
 * meets without being given (frozen weights) becomes an input of the kernel and gets no gradient.
 *
 * <p>A linear model under squared error, of which only the weight is trained:
 *
 * <pre>{@code
 * record Pairs(Tensor x, Tensor y) {}                                       // x [n, in], y [n, out]
 * record Model(Tensor weight, Tensor bias) {
 *   Tensor apply(Tensor x) { return x.linear(weight, bias); }
 * }
 * Objective<Pairs> objective =
 *     (params, batch, key) ->
 *         Tree.with(model, params).apply(batch.x()).sub(batch.y()).pow(2).mean();
 * Params trained = Tree.params(model, path -> path.equals("weight"));
 * }</pre>
 *
 * @param <B> a tree of tensors: one batch
 */
@FunctionalInterface
public interface Objective<B> {

  /**
   * The mean over the batch's targets, so that batches can be weighed by their numbers of targets.
   *
   * @param params the trained parameters by path; nothing else is differentiated
   * @param batch one batch
   * @param key one int64 element that everything random (dropout, sampling) is drawn from; another
   *     in every step
   * @return the loss, without axes, of type float32 (or float64)
   */
  Tensor loss(Params params, B batch, Tensor key);
}
