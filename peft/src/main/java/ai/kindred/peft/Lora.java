package ai.kindred.peft;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dropout;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.Optional;

/**
 * Low-rank adaptation (Hu et al., 2021, arXiv:2106.09685): {@code y = W x + scale B A x}.
 *
 * @param base W, [out, in]
 * @param loraA A, [r, in]
 * @param loraB B, [out, r]
 * @param scale alpha / r, or alpha / sqrt(r) (Kalajdzievski, 2023, arXiv:2312.03732)
 * @param dropout of what A sees, in training
 */
public record Lora(Linear base, Tensor loraA, Tensor loraB, double scale, Dropout dropout)
    implements Adapter {

  /** LoRA without dropout. */
  public static Lora of(Linear base, Tensor loraA, Tensor loraB, double scale) {
    return new Lora(base, loraA, loraB, scale, Dropout.NONE);
  }

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    return scaled(dropout.apply(x, pass).linear(loraA), scale).linear(loraB);
  }

  /** A scale of one is not multiplied by. */
  static Tensor scaled(Tensor h, double scale) {
    return scale == 1 ? h : h.mul(scale);
  }

  @Override
  public Optional<Linear> merged() {
    return Merging.add(base, loraB.matmul(loraA).mul(scale));
  }
}
