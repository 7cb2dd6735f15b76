package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import java.util.List;

/**
 * {@code x / sqrt(mean(x^2) + eps) * (offset + weight)} along the last axis (Zhang and Sennrich,
 * 2019, arXiv:1910.07467), the mean in float32 at least.
 *
 * @param weight [width]
 * @param eps added to the mean square
 * @param offset added to the weight: 1 in Gemma models, else 0
 */
public record RmsNorm(Tensor weight, double eps, double offset) {

  /** Normalises the last axis of x. */
  public Tensor apply(Tensor x) {
    if (offset == 0) {
      return normal(x).mul(weight.to(x.dtype()));
    }
    // Gemma multiplies before it rounds, the others after.
    DType wide = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    return normal(x.to(wide)).mul(weight.to(wide).add(offset)).to(x.dtype());
  }

  /** [x, -x] has mean 0 and the mean square as its variance, and layer norm is one fused step. */
  private Tensor normal(Tensor x) {
    return Tensor.cat(List.of(x, x.neg()), -1).layerNorm(eps).narrow(-1, Dim.of(0), x.size(-1));
  }
}
