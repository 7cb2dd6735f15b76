package ai.kindred.reliability.training;

import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import java.util.Arrays;

/**
 * Throttling (Guan et al., NeurIPS 2019, arXiv:1910.14479, and the authors' code): of each eight
 * int8 weights, in the order in which they lie in memory, the first seven are kept in [-64, 63], so
 * that the in-place (64,57) code fits. The eighth may be anything.
 */
public final class Throttle {

  static final double LARGEST = 127;
  private static final double LOW = -64;
  private static final double HIGH = 63;
  private static final int WORD = 8;

  private Throttle() {}

  /** int8 values of weights, as whole numbers in their type. */
  static Tensor rounded(Tensor weight, double step) {
    return weight.div(step).round().clamp(-LARGEST, LARGEST);
  }

  /** int8 values with those that are too large for their places brought to the bound. */
  static Tensor bounded(Tensor values) {
    Dim[] shape = values.shape().toArray(Dim[]::new);
    Dim elements = Arrays.stream(shape).reduce(Dim.of(1), Dim::times);
    Tensor free = Tensor.arange(elements).remainder(WORD).eq(WORD - 1).reshape(shape);
    return Tensor.where(free, values, values.clamp(LOW, HIGH));
  }

  /**
   * Float weights whose int8 values are too large for their places, made smaller by {@code bound /
   * value}: the master moves with what was made of it.
   */
  static Tensor masters(Tensor weight, double step) {
    Tensor values = rounded(weight, step);
    Tensor bounds = bounded(values);
    return Tensor.where(values.ne(bounds), weight.mul(bounds.div(values)), weight);
  }

  /** How many int8 values are too large for their places. */
  static long violations(Tensor weight, double step) {
    Tensor values = rounded(weight, step);
    return (long) values.ne(bounded(values)).sum().item();
  }
}
