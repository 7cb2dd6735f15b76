package ai.kindred.core.io;

import java.util.Arrays;

/** Arithmetic on dims that nobody vouches for. */
final class Shapes {
  private Shapes() {}

  /**
   * Number of elements.
   *
   * @throws ArithmeticException where a dim is negative or the product leaves 63 bits
   */
  static long elements(long[] shape) {
    long product = 1;
    boolean empty = false;
    for (long dim : shape) {
      if (dim < 0) {
        throw new ArithmeticException(
            "the shape " + Arrays.toString(shape) + " has a negative dim");
      }
      empty |= dim == 0;
      if (dim > 0 && product > Long.MAX_VALUE / dim) {
        throw new ArithmeticException("the shape " + Arrays.toString(shape) + " overflows");
      }
      product *= Math.max(dim, 1);
    }
    return empty ? 0 : product;
  }

  /**
   * Bytes of a tensor.
   *
   * @throws ArithmeticException as {@link #elements}
   */
  static long bytes(long[] shape, int elementBytes) {
    long elements = elements(shape);
    if (elements > Long.MAX_VALUE / elementBytes) {
      throw new ArithmeticException("the shape " + Arrays.toString(shape) + " overflows");
    }
    return elements * elementBytes;
  }
}
