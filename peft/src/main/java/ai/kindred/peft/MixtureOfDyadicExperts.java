package ai.kindred.peft;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.Optional;

/**
 * Mixture of dyadic experts (Ning, Lara, Guo and Rastogi, Findings of NAACL 2025,
 * arXiv:2408.01505). One down-projection is shared; its r outputs are cut into r / p slots, and in
 * each slot a router mixes m up-projections of rank p, token by token:
 *
 * <pre>
 * y = x W + scale * sum_{i=1..m} sum_{k=1..r/p} R_k^i(x) x A_k (B_k^i)^T
 * R_k(x) = softmax(x W_R;k)
 * </pre>
 *
 * <p>p = 1 is the paper's mixture of rank-one experts; p = r is MoLORA-SD, one router for whole
 * up-projections; m = 1 is LoRA.
 *
 * @param base W, [out, in]
 * @param modeA A, [r, in]: rows kp .. kp + p - 1 are slot k's
 * @param modeB B, [out, m r]: column (k m + i) p + l is b_{kp+l}^i
 * @param modeRouter W_R, [(r / p) m, in]: row k m + i scores expert i in slot k
 * @param r rank
 * @param p rank of an expert; divides r
 * @param scale 1 in the paper
 */
public record MixtureOfDyadicExperts(
    Linear base, Tensor modeA, Tensor modeB, Router modeRouter, int r, int p, double scale)
    implements Routed {

  /**
   * @throws IllegalArgumentException if p does not divide r
   */
  public MixtureOfDyadicExperts {
    MixtureOfDyadicExpertsConfig.check(modeRouter.experts(), r, p);
  }

  /** m, experts a slot. */
  public int m() {
    return modeRouter.experts();
  }

  @Override
  public Tensor routing(Tensor x) {
    return modeRouter.weights(x); // [T, r/p, m]
  }

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    if (m() == 1) {
      return Lora.of(base, modeA, modeB, scale).delta(x, pass); // nothing to route
    }
    Router.Read read = modeRouter.read(x, modeA); // [r, T] and [r/p, m, T]
    Tensor h = Lora.scaled(read.down(), scale).reshape(r / p, 1, p, -1);
    Tensor z = h.mul(read.weights().unsqueeze(2)); // [r/p, m, p, T]
    return z.reshape((long) m() * r, -1).t().linear(modeB); // [T, out]
  }

  @Override
  public Lora averaged(Tensor weights) {
    Tensor w = weights.to(modeB.dtype()).reshape(1, r / p, m(), 1);
    Tensor mean = modeB.reshape(modeB.size(0).value(), r / p, m(), p).mul(w).sum(2, false);
    return Lora.of(base, modeA, mean.reshape(modeB.size(0).value(), r), scale);
  }

  /** There is one product for all inputs only where there is nothing to route. */
  @Override
  public Optional<Linear> merged() {
    return m() == 1 ? Merging.add(base, modeB.matmul(modeA).mul(scale)) : Optional.empty();
  }
}
