package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A product with 8-bit weights and one scale a row: {@code W_ij ~ q_ij s_i}, {@code q = round(W /
 * s)}, {@code s_i = max_j |W_ij| / 127}. Without training the product runs on the 8-bit weights; in
 * training the weights are dequantised where they are used, so that gradients pass to x.
 *
 * @param weight [out, in] int8
 * @param scale [out]
 * @param bias [out], or null
 */
public record Int8(Tensor weight, Tensor scale, @Nullable Tensor bias) implements Linear {

  private static final double LARGEST = 127;

  /** From so many rows on, widening the weights once costs less than 8-bit products do. */
  private static final long MANY_ROWS = 16;

  /** Quantises a dense product, row by row. */
  public static Int8 of(Dense dense) {
    Tensor w = dense.weight().to(DType.FLOAT32);
    Tensor scale = w.abs().amax(1, true).clamp(1e-12, null).div(LARGEST);
    Tensor q = w.div(scale).round().clamp(-LARGEST, LARGEST).to(DType.INT8);
    return new Int8(q, scale.squeeze(1).to(DType.BFLOAT16), dense.bias());
  }

  /** The weights that the product stands for, [out, in] in the type asked for. */
  public Tensor dequantised(DType dtype) {
    return weight.to(dtype).mul(scale.to(dtype).unsqueeze(1));
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    if (pass.training() || x.dtype() != DType.BFLOAT16 || x.size(0).isAtLeast(MANY_ROWS)) {
      return x.linear(dequantised(x.dtype()), bias);
    }
    Tensor y = x.int8Linear(weight, scale);
    return bias == null ? y : y.add(bias.to(y.dtype()));
  }

  @Override
  public long in() {
    return weight.size(1).value();
  }

  @Override
  public long out() {
    return weight.size(0).value();
  }
}
