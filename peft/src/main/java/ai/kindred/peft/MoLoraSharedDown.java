package ai.kindred.peft;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.Optional;

/**
 * MoLORA-SD: m up-projections mixed by one router behind a shared down-projection (Ning et al.,
 * 2025, arXiv:2408.01505, section 3.2; HydraLoRA, Tian et al., 2024, arXiv:2404.19245, but for its
 * scale and dropout):
 *
 * <pre>
 * y = x W + scale * sum_{i=1..m} R^i(x) x A (B^i)^T
 * R(x) = softmax(x W_R)
 * </pre>
 *
 * @param base W, [out, in]
 * @param loraA A, [r, in]
 * @param loraB B, [out, m r]: column i r + l is column l of expert i
 * @param router W_R, [m, in]
 * @param scale 1 in the paper
 */
public record MoLoraSharedDown(Linear base, Tensor loraA, Tensor loraB, Router router, double scale)
    implements Routed {

  @Override
  public Tensor routing(Tensor x) {
    return router.weights(x); // [T, 1, m]
  }

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    if (router.experts() == 1) {
      return Lora.of(base, loraA, loraB, scale).delta(x, pass); // nothing to route
    }
    Router.Read read = router.read(x, loraA); // [r, T] and [1, m, T]
    Tensor h = Lora.scaled(read.down(), scale);
    Tensor z = h.unsqueeze(0).mul(read.weights().transpose(0, 1)); // [m, r, T]
    return z.reshape(loraB.size(1).value(), -1).t().linear(loraB); // [T, out]
  }

  @Override
  public Lora averaged(Tensor weights) {
    long out = loraB.size(0).value();
    Tensor w = weights.to(loraB.dtype()).reshape(1, router.experts(), 1);
    Tensor mean = loraB.reshape(out, router.experts(), loraA.size(0).value()).mul(w).sum(1, false);
    return Lora.of(base, loraA, mean, scale);
  }

  /** There is one product for all inputs only where there is nothing to route. */
  @Override
  public Optional<Linear> merged() {
    return router.experts() == 1
        ? Merging.add(base, loraB.matmul(loraA).mul(scale))
        : Optional.empty();
  }
}
