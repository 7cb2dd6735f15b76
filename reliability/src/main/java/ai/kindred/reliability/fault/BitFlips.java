package ai.kindred.reliability.fault;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import java.util.stream.IntStream;

/** Flipped bits of values while a kernel runs. */
final class BitFlips {

  private BitFlips() {}

  /** A rate that values can have: no more than one flip an element. */
  static double checked(double rate, int bits) {
    if (!(rate >= 0 && rate * bits <= 1)) {
      throw new IllegalArgumentException(
          "a fault rate of "
              + rate
              + " for values of "
              + bits
              + " bits; one bit an element flips at most, so it is 0 to "
              + 1.0 / bits);
    }
    return rate;
  }

  /**
   * The values with bits flipped: an element is hit with the probability that is its bits times the
   * rate, in one bit of its own choice.
   *
   * @param key one-element int64; the same key and shape, the same flips
   */
  static Tensor in(Tensor x, double rate, Tensor key) {
    int bits = Byte.SIZE * x.dtype().bytes();
    double share = checked(rate, bits) * bits;
    if (share == 0) {
      return x;
    }
    DType integers = integers(x.dtype());
    Dim[] shape = x.shape().toArray(Dim[]::new);
    // One number says both whether and, within its share, which.
    Tensor drawn = Tensor.rand(key, DType.FLOAT64, shape);
    Tensor which = drawn.mul(bits / share).floor().clamp(0.0, (double) bits).to(DType.INT64);
    long[] flips = IntStream.rangeClosed(0, bits).mapToLong(b -> b < bits ? 1L << b : 0).toArray();
    Tensor mask = Tensor.of(flips).to(integers).indexSelect(0, which.reshape(-1)).reshape(shape);
    return x.viewAs(integers).bitwiseXor(mask).viewAs(x.dtype());
  }

  private static DType integers(DType dtype) {
    return switch (dtype.bytes()) {
      case 1 -> DType.INT8;
      case 2 -> DType.INT16;
      case 4 -> DType.INT32;
      default -> DType.INT64;
    };
  }
}
