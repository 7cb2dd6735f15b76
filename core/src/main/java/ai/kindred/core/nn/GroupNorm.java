package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;

/**
 * {@code (x - mean) / sqrt(variance + eps) * weight + bias} over each image's channels in groups
 * (Wu and He, 2018, arXiv:1803.08494). It knows nothing of the batch, so it has no state, and a
 * network with it can be trained by clients that share no data.
 *
 * @param weight [channels]
 * @param bias [channels]
 * @param groups divides the channels
 * @param eps added to the variance
 */
public record GroupNorm(Tensor weight, Tensor bias, long groups, double eps) implements Layer {

  /** Of ones and zeros, eps 1e-5. */
  public static GroupNorm of(long channels, long groups) {
    return new GroupNorm(
        Tensor.ones(DType.FLOAT32, channels), Tensor.zeros(DType.FLOAT32, channels), groups, 1e-5);
  }

  @Override
  public Tensor apply(Tensor x) {
    return BatchNorm.scaled(x.groupNorm(groups, eps), weight, bias);
  }
}
