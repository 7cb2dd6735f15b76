package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over images [n, in, h, w], as {@link Tensor#conv2d} computes it.
 *
 * @param weight filters [out, in / groups, kh, kw]
 * @param bias [out], or null
 * @param stride step of the filters
 * @param padding zeros at each side
 * @param groups parts of the channels that do not see each other
 */
public record Conv2d(Tensor weight, @Nullable Tensor bias, long stride, long padding, long groups)
    implements Layer {

  /**
   * Filters without bias drawn from {@code N(0, 2 / (in kernel^2))}, which keeps variances through
   * rectified layers (He et al., 2015, arXiv:1502.01852).
   */
  public static Conv2d random(Key key, long in, long out, long kernel, long stride, long padding) {
    Tensor weight =
        Tensor.randn(
                Tensor.of(key),
                DType.FLOAT32,
                Dim.of(out),
                Dim.of(in),
                Dim.of(kernel),
                Dim.of(kernel))
            .mul(Math.sqrt(2.0 / (in * kernel * kernel)));
    return new Conv2d(weight, null, stride, padding, 1);
  }

  /** These filters with a bias of zeros. */
  public Conv2d withBias() {
    return new Conv2d(
        weight, Tensor.zeros(weight.dtype(), weight.size(0).value()), stride, padding, groups);
  }

  @Override
  public Tensor apply(Tensor x) {
    return x.conv2d(weight, bias, stride, padding, groups);
  }
}
