package ai.kindred.core.kernel;

import java.util.List;

/** What is known of a tensor before it is computed: element type and lengths. */
record Meta(DType dtype, List<Dim> shape) {

  Meta {
    shape = List.copyOf(shape);
  }

  static Meta of(DType dtype, Dim... shape) {
    return new Meta(dtype, List.of(shape));
  }

  int rank() {
    return shape.size();
  }

  /** The length of an axis, counted from the end where negative. */
  Dim size(int axis) {
    return shape.get(axis(axis, rank()));
  }

  Meta withDtype(DType other) {
    return new Meta(other, shape);
  }

  /** The axis counted from the start. */
  static int axis(int axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException(
          "axis "
              + axis
              + " is outside a tensor of "
              + rank
              + " axes; use "
              + -rank
              + " to "
              + (rank - 1));
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** The axis counted from the end, so that rules need no change when a leading axis is added. */
  static int fromEnd(int axis, int rank) {
    return axis(axis, rank) - rank;
  }
}
