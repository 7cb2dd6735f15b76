package ai.kindred.peft;

import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import java.util.List;
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

  /**
   * What a mixture reads of x: a token is a column, since slots and experts are few and tokens
   * many, and what is done expert by expert then runs along memory.
   *
   * @param down [r, T], x under the down-projection
   * @param weights [slots, experts, T]; each slot's sum to one
   */
  record Read(Tensor down, Tensor weights) {}

  /** Reads x [T, in] under a down-projection [r, in] and under this router, in one product. */
  Read read(Tensor x, Tensor down) {
    Tensor both = columns(Tensor.cat(List.of(down, weight), 0), x);
    return new Read(
        both.narrow(0, 0, down.size(0).value()),
        weigh(both.narrow(0, down.size(0).value(), weight.size(0).value())));
  }

  /** Weights [T, slots, experts] for x [T, in]; each slot's sum to one. */
  public Tensor weights(Tensor x) {
    return weigh(columns(weight, x)).permute(2, 0, 1);
  }

  private static Tensor columns(Tensor matrix, Tensor x) {
    return matrix.to(x.dtype()).linear(x);
  }

  /** Weights [slots, experts, T] of scores [slots * experts, T]. */
  private Tensor weigh(Tensor scores) {
    Tensor biased = bias == null ? scores : scores.add(bias.to(scores.dtype()).unsqueeze(-1));
    Tensor raw = biased.reshape(weight.size(0).value() / experts, experts, -1);
    Tensor cooled = temperature == 1 ? raw : raw.div(temperature);
    if (topK == null || topK == experts) {
      return cooled.softmax(1);
    }
    Tensor.Sorted top = cooled.topk(topK, 1);
    return Tensor.full(0, cooled.dtype(), cooled.shape().toArray(Dim[]::new))
        .scatterAdd(1, top.indices(), top.values().softmax(1));
  }
}
