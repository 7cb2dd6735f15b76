package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.List;

/** Rules of lengths and element types that many operations share. */
final class Shapes {

  private Shapes() {}

  static Meta meta(Object arg) {
    return ((Tensor) arg).meta();
  }

  /** The broadcast of two shapes, aligned at the last axis. */
  static List<Dim> broadcast(List<Dim> a, List<Dim> b) {
    int rank = Math.max(a.size(), b.size());
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int ia = i - (rank - a.size());
      int ib = i - (rank - b.size());
      shape.add(ia < 0 ? b.get(ib) : ib < 0 ? a.get(ia) : broadcast(a.get(ia), b.get(ib), a, b));
    }
    return shape;
  }

  private static Dim broadcast(Dim x, Dim y, List<Dim> a, List<Dim> b) {
    if (x.equals(y) || y.is(1)) {
      return x;
    }
    if (x.is(1)) {
      return y;
    }
    Long hx = x.hint();
    Long hy = y.hint();
    if (hx != null && hy != null && !hx.equals(hy)) {
      // A length that is 1 only today decides the result's shape, so it is baked in.
      if (hx == 1) {
        x.value();
        return y;
      }
      if (hy == 1) {
        y.value();
        return x;
      }
      throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
    }
    if (hx != null && hy != null) {
      // Equal today: where they differ another day one of them may be 1.
      Trace.current().guardEqual(x, y);
    }
    return y.isConstant() ? y : x;
  }

  /**
   * Whether a length is 1 where another is wanted, so that its axis is repeated; a length that is 1
   * only today is baked in.
   */
  static boolean isOne(Dim length, Dim wanted) {
    Long have = length.hint();
    Long want = wanted.hint();
    if (have != null && have == 1 && want != null && want != 1) {
      length.value();
      return true;
    }
    return length.is(1);
  }

  /** Whether two shapes are the same; lengths that agree only today are held to it. */
  static boolean agree(List<Dim> a, List<Dim> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      Dim x = a.get(i);
      Dim y = b.get(i);
      if (!x.equals(y)) {
        Long hx = x.hint();
        if (hx == null || !hx.equals(y.hint())) {
          return false;
        }
        Trace.current().guardEqual(x, y);
      }
    }
    return true;
  }

  /** Requires two lengths that must agree to do so, as far as they are known. */
  static void same(Dim x, Dim y, String what) {
    Long hx = x.hint();
    Long hy = y.hint();
    if (hx != null && hy != null && !hx.equals(hy)) {
      throw new IllegalArgumentException(what + ": " + hx + " is not " + hy);
    }
  }

  /**
   * PyTorch's result type of two tensors: the higher category, then the wider type; axes beat none.
   */
  static DType promote(Meta a, Meta b) {
    int ca = category(a.dtype());
    int cb = category(b.dtype());
    if (ca == cb) {
      if ((a.rank() == 0) != (b.rank() == 0)) {
        return a.rank() == 0 ? b.dtype() : a.dtype();
      }
      return wider(a.dtype(), b.dtype());
    }
    Meta high = ca > cb ? a : b;
    return high.dtype();
  }

  /** PyTorch's result type of a tensor and a number. */
  static DType promote(DType tensor, Object number) {
    if (number instanceof Double && !tensor.isFloating()) {
      return DType.FLOAT32;
    }
    return tensor == DType.BOOL && number instanceof Long ? DType.INT64 : tensor;
  }

  private static int category(DType t) {
    return t == DType.BOOL ? 0 : t.isFloating() ? 2 : 1;
  }

  private static DType wider(DType a, DType b) {
    if (a == b) {
      return a;
    }
    boolean halves = a.isFloating() && a.bytes() == 2 && b.bytes() == 2;
    boolean signs = a.bytes() == 1 && b.bytes() == 1;
    return halves ? DType.FLOAT32 : signs ? DType.INT16 : a.bytes() >= b.bytes() ? a : b;
  }

  /** The shape without (or with length 1 in place of) some axes. */
  static List<Dim> reduce(List<Dim> shape, List<?> axes, boolean keep) {
    List<Dim> left = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!axes.contains((long) (i - shape.size()))) {
        left.add(shape.get(i));
      } else if (keep) {
        left.add(Dim.of(1));
      }
    }
    return left;
  }

  static Dim product(List<Dim> dims) {
    Dim p = Dim.of(1);
    for (Dim d : dims) {
      p = p.times(d);
    }
    return p;
  }

  /** The wanted sizes with -1 worked out from what they must hold. */
  static List<Dim> reshape(List<Dim> from, List<Dim> wanted) {
    Dim known = Dim.of(1);
    int open = -1;
    for (int i = 0; i < wanted.size(); i++) {
      if (!wanted.get(i).is(-1)) {
        known = known.times(wanted.get(i));
      } else if (open >= 0) {
        throw new IllegalArgumentException("more than one -1 in " + wanted);
      } else {
        open = i;
      }
    }
    Dim all = product(from);
    List<Dim> shape = new ArrayList<>(wanted);
    if (open >= 0) {
      Long rest = all.hint();
      Long k = known.hint();
      if (known.is(0) || (rest != null && k != null && (k == 0 || rest % k != 0))) {
        throw new IllegalArgumentException("shape " + from + " does not divide into " + wanted);
      }
      shape.set(open, all.over(known));
    } else {
      same(all, known, "shape " + from + " does not hold " + wanted);
    }
    return shape;
  }

  static List<Dim> with(List<Dim> shape, int axisFromEnd, Dim size) {
    List<Dim> changed = new ArrayList<>(shape);
    changed.set(shape.size() + axisFromEnd, size);
    return changed;
  }
}
