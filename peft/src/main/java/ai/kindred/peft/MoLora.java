package ai.kindred.peft;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.Optional;

/**
 * MoLORA: a mixture of whole LoRAs (Zadouri et al., 2023, arXiv:2309.05444):
 *
 * <pre>
 * y = x W + scale * sum_{i=1..m} R^i(x) x A^i (B^i)^T
 * R(x) = softmax(x W_R)
 * </pre>
 *
 * @param base W, [out, in]
 * @param loraA A, [m r, in]: row i r + l is row l of expert i
 * @param loraB B, [out, m r]: column i r + l is column l of expert i
 * @param router W_R, [m, in]
 * @param scale 1 in the paper on MoDE
 */
public record MoLora(Linear base, Tensor loraA, Tensor loraB, Router router, double scale)
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
    long all = loraA.size(0).value();
    Router.Read read = router.read(x, loraA); // [m r, T] and [1, m, T]
    Tensor h = Lora.scaled(read.down(), scale);
    Tensor z =
        h.reshape(router.experts(), all / router.experts(), -1)
            .mul(read.weights().transpose(0, 1)); // [m, r, T]
    return z.reshape(all, -1).t().linear(loraB); // [T, out]
  }

  /** Of rank m r: the experts side by side, each up-projection times its weight. */
  @Override
  public Lora averaged(Tensor weights) {
    long r = loraA.size(0).value() / router.experts();
    Tensor w = weights.to(loraB.dtype()).reshape(-1).repeatInterleave(r, 0);
    return Lora.of(base, loraA, loraB.mul(w), scale);
  }

  /** There is one product for all inputs only where there is nothing to route. */
  @Override
  public Optional<Linear> merged() {
    return router.experts() == 1
        ? Merging.add(base, loraB.matmul(loraA).mul(scale))
        : Optional.empty();
  }
}
