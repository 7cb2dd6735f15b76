package ai.kindred.core.kernel;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** A plain array with axes: the slow and simple arithmetic that operations are compared with. */
final class Nd {

  private final int[] shape;
  private final double[] elements;

  Nd(int[] shape, double[] elements) {
    this.shape = shape;
    this.elements = elements;
  }

  int[] shape() {
    return shape;
  }

  double[] elements() {
    return elements;
  }

  static Nd of(Tensor t) {
    int[] shape = Arrays.stream(t.lengths()).mapToInt(Math::toIntExact).toArray();
    return new Nd(shape, t.toDoubles());
  }

  /** An array whose elements are worked out from their index. */
  static Nd of(int[] shape, ToDoubleFunction<int[]> element) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] elements = new double[size];
    int[] index = new int[shape.length];
    for (int e = 0; e < size; e++) {
      elements[e] = element.applyAsDouble(index);
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return new Nd(shape, elements);
  }

  static int[] shape(int... lengths) {
    return lengths;
  }

  int length(int axis) {
    return shape[axis];
  }

  double at(int... index) {
    int offset = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      offset = offset * shape[axis] + index[axis];
    }
    return elements[offset];
  }

  /** The element that broadcasting puts at an index of a longer shape. */
  private double broadcast(int[] index) {
    int[] own = new int[shape.length];
    for (int axis = 0; axis < own.length; axis++) {
      int i = index[index.length - own.length + axis];
      own[axis] = shape[axis] == 1 ? 0 : i;
    }
    return at(own);
  }

  Nd map(DoubleUnaryOperator f) {
    return new Nd(shape, Arrays.stream(elements).map(f).toArray());
  }

  Nd zip(Nd other, DoubleBinaryOperator f) {
    int rank = Math.max(shape.length, other.shape.length);
    int[] joint = new int[rank];
    for (int back = 1; back <= rank; back++) {
      int a = back <= shape.length ? shape[shape.length - back] : 1;
      int b = back <= other.shape.length ? other.shape[other.shape.length - back] : 1;
      joint[rank - back] = Math.max(a, b);
    }
    return of(joint, i -> f.applyAsDouble(broadcast(i), other.broadcast(i)));
  }

  /** A function of each row of the last axis, giving one number. */
  Nd rows(ToDoubleFunction<double[]> f) {
    int width = shape[shape.length - 1];
    int[] rest = Arrays.copyOf(shape, shape.length - 1);
    int[] row = {0};
    return of(
        rest,
        i -> {
          int from = row[0]++ * width;
          return f.applyAsDouble(Arrays.copyOfRange(elements, from, from + width));
        });
  }

  Nd reshaped(int... to) {
    return new Nd(to, elements);
  }

  /** Matrices multiplied over the last two axes; batches are equal. */
  Nd matmul(Nd other) {
    int[] to = shape.clone();
    int last = to.length - 1;
    to[last] = other.shape[other.shape.length - 1];
    return of(
        to,
        i -> {
          double sum = 0;
          int[] left = i.clone();
          int[] right = Arrays.copyOfRange(i, i.length - other.shape.length, i.length);
          for (int k = 0; k < shape[last]; k++) {
            left[last] = k;
            right[right.length - 2] = k;
            sum += at(left) * other.at(right);
          }
          return sum;
        });
  }

  /** The last two axes exchanged. */
  Nd t() {
    int[] to = shape.clone();
    int last = to.length - 1;
    to[last] = shape[last - 1];
    to[last - 1] = shape[last];
    return of(
        to,
        i -> {
          int[] from = i.clone();
          from[last] = i[last - 1];
          from[last - 1] = i[last];
          return at(from);
        });
  }

  @Override
  public String toString() {
    return Arrays.toString(shape) + " " + Arrays.toString(elements);
  }
}
