package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;

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
    DType wide = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor w = x.to(wide);
    Tensor normal = w.mul(w.mul(w).mean(-1, true).add(eps).rsqrt());
    if (offset != 0) {
      // Gemma multiplies before it rounds, the others after.
      return normal.mul(weight.to(wide).add(offset)).to(x.dtype());
    }
    return normal.to(x.dtype()).mul(weight.to(x.dtype()));
  }
}
