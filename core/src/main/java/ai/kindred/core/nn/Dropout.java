package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;

/**
 * Zeroes elements at random in training and scales the others by {@code 1 / (1 - rate)}. What is
 * zeroed follows from the pass's key alone, so a step that is taken again is the same step.
 *
 * @param rate share of elements that are zeroed, in [0, 1)
 * @param stream not negative; places that drop out independently of each other have streams of
 *     their own
 */
public record Dropout(double rate, long stream) {

  /** Nothing is zeroed. */
  public static final Dropout NONE = new Dropout(0, 0);

  /**
   * @throws IllegalArgumentException if the rate is out of its range
   */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("a dropout rate is at least 0 and below 1, not " + rate);
    }
    if (stream < 0) {
      throw new IllegalArgumentException("a stream is not negative: " + stream);
    }
  }

  /**
   * x of any shape, some of it zeroed where the pass is training.
   *
   * @throws IllegalStateException where the pass is training without a key
   */
  public Tensor apply(Tensor x, Pass pass) {
    Tensor key = pass.key();
    if (rate == 0 || !pass.training()) {
      return x;
    }
    if (key == null) {
      throw new IllegalStateException("dropout in training needs a pass with a key");
    }
    Tensor draw = Tensor.rand(key.bitwiseXor(stream), DType.FLOAT32, x.shape().toArray(Dim[]::new));
    return Tensor.where(draw.ge(rate), x.mul(1 / (1 - rate)), 0);
  }
}
