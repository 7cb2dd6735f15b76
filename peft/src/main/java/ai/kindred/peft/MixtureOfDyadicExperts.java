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
 * @param m experts a slot
 * @param r rank
 * @param p rank of an expert; divides r
 * @param scale 1 in the paper
 */
public record MixtureOfDyadicExperts(
    Linear base, Tensor modeA, Tensor modeB, Tensor modeRouter, int m, int r, int p, double scale)
    implements Routed {

  /**
   * @throws IllegalArgumentException if m, r and p do not fit each other
   */
  public MixtureOfDyadicExperts {
    if (m < 1 || r < 1 || p < 1 || r % p != 0) {
      throw new IllegalArgumentException(
          "a mixture needs m >= 1 experts and a rank r that its expert rank p divides, not m "
              + m
              + ", r "
              + r
              + ", p "
              + p);
    }
  }

  @Override
  public Tensor routing(Tensor x) {
    return x.linear(modeRouter).reshape(-1, r / p, m).softmax(-1); // [T, r/p, m]
  }

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    Tensor h = x.linear(modeA).mul(scale).reshape(-1, r / p, 1, p); // [T, r/p, 1, p]
    Tensor z = h.mul(routing(x).unsqueeze(-1)); // [T, r/p, m, p]
    return z.reshape(-1, (long) m * r).linear(modeB); // [T, out]
  }

  /** There is one product for all inputs only where there is nothing to route. */
  @Override
  public Optional<Linear> merged() {
    return m == 1 ? Merging.add(base, modeB.matmul(modeA).mul(scale)) : Optional.empty();
  }
}
