package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.meta;
import static ai.kindred.core.kernel.Shapes.same;
import static ai.kindred.core.kernel.Shapes.with;

import java.util.ArrayList;
import java.util.List;

/** Element types and lengths of operations on images [n, channels, height, width]. */
final class Convolutions {

  private Convolutions() {}

  /** Arguments: x, weight, bias or None, strides, paddings, dilations, groups. */
  static List<Meta> conv2d(Object[] args) {
    Meta x = images("conv2d", args[0]);
    Meta w = meta(args[1]);
    long groups = (Long) args[6];
    if (w.rank() != 4) {
      throw new IllegalArgumentException(
          "conv2d needs a weight [out, in / groups, height, width], not " + w.shape());
    }
    Rules.sameType("conv2d", x, w);
    same(
        x.size(1),
        w.size(1).times(groups),
        "channels of x " + x.shape() + " and of a weight " + w.shape() + " in groups " + groups);
    Long out = w.size(0).hint();
    if (groups < 1 || (out != null && out % groups != 0)) {
      throw new IllegalArgumentException(
          out + " output channels do not divide into " + groups + " groups");
    }
    if (args[2] instanceof Tensor b) {
      if (b.rank() != 1) {
        throw new IllegalArgumentException("a bias has one axis, not " + b.shape());
      }
      same(b.size(0), w.size(0), "lengths of bias and weight [out, in, height, width]");
    }
    List<Dim> slid = slid(x, w.size(2), w.size(3), numbers(args[3]), numbers(args[4]));
    return List.of(new Meta(x.dtype(), with(slid, -3, w.size(0))));
  }

  /** Arguments: x, lengths of the window, strides, paddings. */
  static List<Meta> pool2d(Object[] args) {
    Meta x = images("pooling", args[0]);
    List<Long> window = numbers(args[1]);
    List<Long> padding = numbers(args[3]);
    for (int i = 0; i < 2; i++) {
      if (padding.get(i) * 2 > window.get(i)) {
        throw new IllegalArgumentException(
            "a padding of " + padding.get(i) + " is more than half a window of " + window.get(i));
      }
    }
    Dim height = Dim.of(window.get(0));
    Dim width = Dim.of(window.get(1));
    return List.of(new Meta(x.dtype(), slid(x, height, width, numbers(args[2]), padding)));
  }

  /** How often a window fits: {@code floor((length + 2 padding - window) / stride) + 1}. */
  private static List<Dim> slid(
      Meta x, Dim height, Dim width, List<Long> stride, List<Long> padding) {
    List<Dim> shape = new ArrayList<>(x.shape().subList(0, 2));
    Dim[] window = {height, width};
    for (int i = 0; i < 2; i++) {
      if (stride.get(i) < 1 || padding.get(i) < 0) {
        throw new IllegalArgumentException(
            "stride "
                + stride.get(i)
                + " and padding "
                + padding.get(i)
                + "; a stride is at least 1, a padding not negative");
      }
      Dim room = x.size(2 + i).plus(2 * padding.get(i)).minus(window[i]);
      Long known = room.hint();
      if (known != null && known < 0) {
        throw new IllegalArgumentException(
            "a window of "
                + window[i].hint()
                + " does not fit into images "
                + x.shape()
                + " with padding "
                + padding.get(i));
      }
      shape.add(room.over(stride.get(i)).plus(1));
    }
    return shape;
  }

  /** Arguments: x, groups, no weight, no bias, eps. */
  static List<Meta> groupNorm(Object[] args) {
    Meta x = images("groupNorm", args[0]);
    long groups = (Long) args[1];
    Long channels = x.size(1).hint();
    if (groups < 1 || (channels != null && channels % groups != 0)) {
      throw new IllegalArgumentException(
          channels + " channels do not divide into " + groups + " groups");
    }
    return List.of(x);
  }

  static List<Meta> batchNorm(Object[] args) {
    return List.of(images("batchNorm", args[0]));
  }

  /** Arguments: x, for each axis from the last what is added before and after, the number. */
  static List<Meta> pad(Object[] args) {
    Meta x = meta(args[0]);
    List<Long> amounts = numbers(args[1]);
    if (amounts.size() % 2 != 0 || amounts.size() > 2 * x.rank()) {
      throw new IllegalArgumentException(
          "padding of "
              + x.rank()
              + " axes takes a number before and one after each, not "
              + amounts);
    }
    List<Dim> shape = x.shape();
    for (int i = 0; i < amounts.size() / 2; i++) {
      long before = amounts.get(2 * i);
      long after = amounts.get(2 * i + 1);
      if (before < 0 || after < 0) {
        throw new IllegalArgumentException("padding is not negative, unlike " + amounts);
      }
      shape = with(shape, -1 - i, x.size(-1 - i).plus(before + after));
    }
    return List.of(new Meta(x.dtype(), shape));
  }

  private static Meta images(String what, Object arg) {
    Meta x = meta(arg);
    if (x.rank() != 4 || !x.dtype().isFloating()) {
      throw new IllegalArgumentException(
          what
              + " needs images [n, channels, height, width] of a floating type, not "
              + x.dtype()
              + x.shape());
    }
    return x;
  }

  @SuppressWarnings("unchecked") // Tensor's own methods record these, always as a list of Long.
  private static List<Long> numbers(Object arg) {
    return (List<Long>) arg;
  }
}
