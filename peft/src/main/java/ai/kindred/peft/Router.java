package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weighs the experts of each slot, token by token: {@code R_k(x) = softmax((x W_k^T + b_k) /
 * temperature)}. With top-k the softmax is over the k greatest scores of a slot and the other
 * experts get zero (Shazeer et al., 2017, arXiv:1701.06538, without its noise).
 *
 * @param weight [slots * experts, in]: row k experts + i scores expert i in slot k
 * @param bias [slots * experts], or null
 * @param experts experts a slot
 * @param temperature above 0; 1 leaves scores as they are
 * @param topK experts a slot that get a weight, or null for all of them
 */
public record Router(
    Tensor weight, @Nullable Tensor bias, int experts, double temperature, @Nullable Integer topK) {

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Router {
    RouterConfig.check(temperature, topK, experts);
  }

  /** A router as in the papers: no bias, every expert gets a weight. */
  public static Router of(Tensor weight, int experts) {
    return new Router(weight, null, experts, 1, null);
  }

  /** Weights [T, slots, experts] for x [T, in]; each slot's sum to one. */
  public Tensor weights(Tensor x) {
    Tensor raw = x.linear(weight, bias).reshape(-1, weight.size(0).value() / experts, experts);
    Tensor scores = temperature == 1 ? raw : raw.div(temperature);
    if (topK == null || topK == experts) {
      return scores.softmax(-1);
    }
    Tensor.Sorted top = scores.topk(topK, -1);
    DType dtype = scores.dtype();
    return Tensor.full(0, dtype, scores.shape().toArray(Dim[]::new))
        .scatterAdd(-1, top.indices(), top.values().softmax(-1));
  }
}
