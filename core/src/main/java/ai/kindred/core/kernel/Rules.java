package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.broadcast;
import static ai.kindred.core.kernel.Shapes.meta;
import static ai.kindred.core.kernel.Shapes.promote;
import static ai.kindred.core.kernel.Shapes.reduce;
import static ai.kindred.core.kernel.Shapes.same;
import static ai.kindred.core.kernel.Shapes.with;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Element types and lengths of the operations' results. */
final class Rules {

  private Rules() {}

  /** Element type of a broadcast result. */
  interface TypeRule {
    DType type(Object[] args);
  }

  /** All tensor arguments broadcast. */
  static Op.Rule elementwise(TypeRule type) {
    return args -> {
      List<Dim> shape = List.of();
      for (Object a : args) {
        if (a instanceof Tensor t) {
          shape = broadcast(shape, t.meta().shape());
        }
      }
      return List.of(new Meta(type.type(args), shape));
    };
  }

  static DType promoted(Object[] args) {
    if (args[0] instanceof Tensor a && args[1] instanceof Tensor b) {
      return promote(a.meta(), b.meta());
    }
    return args[0] instanceof Tensor a
        ? promote(a.dtype(), args[1])
        : promote(meta(args[1]).dtype(), args[0]);
  }

  static DType divided(Object[] args) {
    DType t = promoted(args);
    return t.isFloating() ? t : DType.FLOAT32;
  }

  static DType truth(Object[] args) {
    return DType.BOOL;
  }

  static DType first(Object[] args) {
    return meta(args[0]).dtype();
  }

  static DType real(Object[] args) {
    return first(args).isFloating() ? first(args) : DType.FLOAT32;
  }

  /** The branches of a condition. */
  static DType chosen(Object[] args) {
    return promoted(new Object[] {args[1], args[2]});
  }

  static DType clamped(Object[] args) {
    return promote(promote(first(args), args[1]), args[2]);
  }

  static List<Meta> unchanged(Object[] args) {
    return List.of(meta(args[0]));
  }

  static List<Meta> sum(Object[] args) {
    return reduced(args, first(args).isFloating() ? first(args) : DType.INT64);
  }

  static List<Meta> mean(Object[] args) {
    if (!first(args).isFloating()) {
      throw new IllegalArgumentException(
          "the mean of " + first(args) + " is not a whole number; convert it with to first");
    }
    return reduced(args, first(args));
  }

  static List<Meta> extreme(Object[] args) {
    return reduced(args, first(args));
  }

  static List<Meta> logsumexp(Object[] args) {
    return reduced(args, real(args));
  }

  private static List<Meta> reduced(Object[] args, DType type) {
    return List.of(
        new Meta(type, reduce(meta(args[0]).shape(), (List<?>) args[1], (Boolean) args[2])));
  }

  static List<Meta> index(Object[] args) {
    return List.of(
        new Meta(DType.INT64, reduce(meta(args[0]).shape(), List.of(args[1]), (Boolean) args[2])));
  }

  static List<Meta> cumsum(Object[] args) {
    Meta x = meta(args[0]);
    return List.of(x.dtype().isFloating() ? x : x.withDtype(DType.INT64));
  }

  static List<Meta> topk(Object[] args) {
    Meta x = meta(args[0]);
    List<Dim> shape = with(x.shape(), axis(args[2]), (Dim) args[1]);
    return List.of(new Meta(x.dtype(), shape), new Meta(DType.INT64, shape));
  }

  static List<Meta> sort(Object[] args) {
    return List.of(meta(args[0]), meta(args[0]).withDtype(DType.INT64));
  }

  // Shapes.

  static List<Meta> reshape(Object[] args) {
    Meta x = meta(args[0]);
    return List.of(new Meta(x.dtype(), Shapes.reshape(x.shape(), dims(args[1]))));
  }

  static List<Meta> expand(Object[] args) {
    List<Dim> from = meta(args[0]).shape();
    List<Dim> to = new ArrayList<>(dims(args[1]));
    int lead = to.size() - from.size();
    if (lead < 0) {
      throw new IllegalArgumentException("shape " + from + " does not expand to " + to);
    }
    for (int i = lead; i < to.size(); i++) {
      Dim f = from.get(i - lead);
      if (to.get(i).is(-1)) {
        to.set(i, f);
      } else if (!Shapes.isOne(f, to.get(i))) {
        same(f, to.get(i), "shape " + from + " does not expand to " + to);
      }
    }
    return List.of(new Meta(meta(args[0]).dtype(), to));
  }

  static List<Meta> permute(Object[] args) {
    List<Dim> shape = meta(args[0]).shape();
    List<?> order = (List<?>) args[1];
    if (order.size() != shape.size() || new HashSet<>(order).size() != order.size()) {
      throw new IllegalArgumentException(
          "an order names each of the " + shape.size() + " axes once, unlike " + order);
    }
    List<Dim> moved = order.stream().map(a -> shape.get(((Long) a).intValue())).toList();
    return List.of(new Meta(meta(args[0]).dtype(), moved));
  }

  static List<Meta> transpose(Object[] args) {
    Meta x = meta(args[0]);
    List<Dim> shape = with(x.shape(), axis(args[1]), x.size(axis(args[2])));
    return List.of(new Meta(x.dtype(), with(shape, axis(args[2]), x.size(axis(args[1])))));
  }

  static List<Meta> unsqueeze(Object[] args) {
    List<Dim> shape = new ArrayList<>(meta(args[0]).shape());
    shape.add(shape.size() + 1 + axis(args[1]), Dim.of(1));
    return List.of(new Meta(meta(args[0]).dtype(), shape));
  }

  static List<Meta> squeeze(Object[] args) {
    Meta x = meta(args[0]);
    Dim length = x.size(axis(args[1]));
    same(length, Dim.of(1), "the length of a squeezed axis");
    // libtorch leaves other lengths as they are, so this one is baked in.
    if (length.hint() == null) {
      throw new IllegalArgumentException(
          "whether " + length + " is 1 is known only when the kernel runs; use select");
    }
    length.value();
    return List.of(new Meta(x.dtype(), without(x, axis(args[1]))));
  }

  static List<Meta> narrow(Object[] args) {
    Meta x = meta(args[0]);
    Dim start = (Dim) args[2];
    Dim length = (Dim) args[3];
    Long have = x.size(axis(args[1])).hint();
    Long from = start.hint();
    Long n = length.hint();
    if ((from != null && from < 0)
        || (n != null && n < 0)
        || (have != null && from != null && n != null && from + n > have)) {
      throw new IllegalArgumentException(
          "a slice [" + start + ", +" + length + ") of an axis of length " + have);
    }
    return List.of(new Meta(x.dtype(), with(x.shape(), axis(args[1]), length)));
  }

  static List<Meta> select(Object[] args) {
    Meta x = meta(args[0]);
    Long have = x.size(axis(args[1])).hint();
    Long at = ((Dim) args[2]).hint();
    if (at != null && (at < 0 || (have != null && at >= have))) {
      throw new IllegalArgumentException("entry " + at + " of an axis of length " + have);
    }
    return List.of(new Meta(x.dtype(), without(x, axis(args[1]))));
  }

  private static List<Dim> without(Meta x, int axis) {
    List<Dim> shape = new ArrayList<>(x.shape());
    shape.remove(shape.size() + axis);
    return shape;
  }

  static List<Meta> cat(Object[] args) {
    List<?> parts = (List<?>) args[0];
    int axis = axis(args[1]);
    Meta first = meta(parts.get(0));
    Dim total = Dim.of(0);
    DType dtype = first.dtype();
    for (Object part : parts) {
      Meta p = meta(part);
      if (p.rank() != first.rank()) {
        throw new IllegalArgumentException(
            "parts of shapes " + first.shape() + " and " + p.shape() + " cannot be joined");
      }
      for (int i = -p.rank(); i < 0; i++) {
        if (i != axis) {
          same(first.size(i), p.size(i), "parts differ along axis " + (i + p.rank()));
        }
      }
      total = total.plus(p.size(axis));
      dtype = promote(new Meta(dtype, first.shape()), p);
    }
    return List.of(new Meta(dtype, with(first.shape(), axis, total)));
  }

  static List<Meta> repeatInterleave(Object[] args) {
    Meta x = meta(args[0]);
    Dim longer = x.size(axis(args[2])).times((Dim) args[1]);
    return List.of(new Meta(x.dtype(), with(x.shape(), axis(args[2]), longer)));
  }

  // Indexing.

  static List<Meta> indexSelect(Object[] args) {
    Meta x = meta(args[0]);
    vector(args[2]);
    return List.of(new Meta(x.dtype(), with(x.shape(), axis(args[1]), meta(args[2]).size(0))));
  }

  private static void vector(Object index) {
    if (meta(index).rank() != 1) {
      throw new IllegalArgumentException(
          "an index is a vector here, not of shape " + meta(index).shape());
    }
  }

  static List<Meta> gather(Object[] args) {
    equalRanks(args[0], args[2]);
    return List.of(new Meta(meta(args[0]).dtype(), meta(args[2]).shape()));
  }

  static List<Meta> scatterAdd(Object[] args) {
    equalRanks(args[0], args[2]);
    sameType("scatterAdd", meta(args[0]), meta(args[3]));
    return List.of(meta(args[0]));
  }

  private static void equalRanks(Object x, Object index) {
    if (meta(x).rank() != meta(index).rank()) {
      throw new IllegalArgumentException(
          "an index of shape " + meta(index).shape() + " into a tensor " + meta(x).shape());
    }
  }

  static List<Meta> indexAdd(Object[] args) {
    vector(args[2]);
    sameType("indexAdd", meta(args[0]), meta(args[3]));
    same(meta(args[2]).size(0), meta(args[3]).size(axis(args[1])), "places and rows to add");
    return List.of(meta(args[0]));
  }

  static List<Meta> embedding(Object[] args) {
    if (meta(args[0]).rank() != 2) {
      throw new IllegalArgumentException(
          "a table has rows and columns, not the shape " + meta(args[0]).shape());
    }
    List<Dim> shape = new ArrayList<>(meta(args[1]).shape());
    shape.add(meta(args[0]).size(-1));
    return List.of(new Meta(meta(args[0]).dtype(), shape));
  }

  static List<Meta> write(Object[] args) {
    equalRanks(args[0], args[3]);
    return List.of(meta(args[0]));
  }

  static List<Meta> viewAs(Object[] args) {
    Meta x = meta(args[0]);
    DType to = (DType) args[1];
    Dim bytes = x.size(-1).times(x.dtype().bytes());
    Long known = bytes.hint();
    if (known != null && known % to.bytes() != 0) {
      throw new IllegalArgumentException(
          "rows of " + known + " bytes do not hold whole elements of " + to);
    }
    return List.of(new Meta(to, with(x.shape(), -1, bytes.over(to.bytes()))));
  }

  // New tensors.

  static List<Meta> full(Object[] args) {
    return List.of(new Meta((DType) ((Op.Keyword) args[2]).value(), dims(args[0])));
  }

  static List<Meta> arange(Object[] args) {
    return List.of(Meta.of((DType) ((Op.Keyword) args[1]).value(), (Dim) args[0]));
  }

  static List<Meta> random(Object[] args) {
    return List.of(new Meta((DType) args[1], dims(args[0])));
  }

  static List<Meta> gradient(Object[] args) {
    return ((List<?>) args[2]).stream().map(Shapes::meta).toList();
  }

  static void sameType(String what, Meta a, Meta b) {
    if (a.dtype() != b.dtype()) {
      throw new IllegalArgumentException(what + " of " + a.dtype() + " and " + b.dtype());
    }
  }

  static int axis(Object arg) {
    return ((Long) arg).intValue();
  }

  @SuppressWarnings(
      "unchecked") // Sizes are recorded by Tensor's own methods, always as a list of Dim.
  static List<Dim> dims(Object arg) {
    return (List<Dim>) arg;
  }
}
