package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x W^T + b}.
 *
 * @param weight [out, in]
 * @param bias [out], or null
 */
public record Dense(Tensor weight, @Nullable Tensor bias) implements Linear, Layer {

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return x.linear(weight, bias);
  }

  /** From rows [n, in] to [n, out]. */
  @Override
  public Tensor apply(Tensor x) {
    return x.linear(weight, bias);
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
