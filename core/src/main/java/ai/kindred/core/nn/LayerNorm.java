package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code (x - mean) / sqrt(variance + eps) * weight + bias} along the last axis (Ba, Kiros and
 * Hinton, 2016, arXiv:1607.06450).
 *
 * @param weight [width]
 * @param bias [width], or null
 * @param eps added to the variance
 */
public record LayerNorm(Tensor weight, @Nullable Tensor bias, double eps) {

  /** Normalises the last axis of x. */
  public Tensor apply(Tensor x) {
    DType wide = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor scaled = x.to(wide).layerNorm(eps).mul(weight.to(wide));
    return (bias == null ? scaled : scaled.add(bias.to(wide))).to(x.dtype());
  }
}
