package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Stacking.Lane;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How each operation runs on tensors of which some have a leading lane axis. */
final class LaneRules {

  private LaneRules() {}

  private static List<Lane> results(Op op, boolean stacked, Object... args) {
    return op.applyAll(args).stream().map(t -> new Lane(t, stacked)).toList();
  }

  /** No tensor has lanes: all lanes share the result. */
  static List<Lane> shared(Op op, Object[] args) {
    return results(op, false, plain(args));
  }

  private static Object[] plain(Object[] args) {
    Object[] plain = new Object[args.length];
    for (int i = 0; i < args.length; i++) {
      plain[i] = plain(args[i]);
    }
    return plain;
  }

  private static Object plain(Object arg) {
    if (arg instanceof Lane l) {
      return l.tensor();
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), plain(k.value()));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(LaneRules::plain).toList();
    }
    return arg;
  }

  /** No rule: the operation is named and the user runs the copies one by one. */
  static final Op.Lanes UNSUPPORTED =
      (op, args, width) -> {
        throw new UnsupportedOperationException(op.name());
      };

  static List<Lane> noTensors(Op op, Object[] args, Dim width) {
    return shared(op, args);
  }

  /** One tensor, axes counted from the end: nothing changes. */
  static List<Lane> sameArguments(Op op, Object[] args, Dim width) {
    return results(op, true, plain(args));
  }

  /** Every tensor gets the lane axis. */
  static List<Lane> allLanes(Op op, Object[] args, Dim width) {
    Object[] spread = plain(args);
    for (int i = 0; i < args.length; i++) {
      spread[i] = args[i] instanceof Lane l ? l.spread(width) : spread[i];
    }
    return results(op, true, spread);
  }

  /** Broadcasting: lanes stay in front when shorter tensors get axes of length 1 after theirs. */
  static List<Lane> aligned(Op op, Object[] args, Dim width) {
    return results(op, true, aligned(args, 0));
  }

  /** Broadcasting in which the condition's type does not count. */
  static List<Lane> where(Op op, Object[] args, Dim width) {
    return results(op, true, aligned(args, 1));
  }

  private static Object[] aligned(Object[] args, int firstPromoted) {
    int rank = 0;
    for (Object a : args) {
      rank = a instanceof Lane l ? Math.max(rank, l.own().rank()) : rank;
    }
    // A lane's number without axes is weaker in promotion than the vector of all lanes' numbers.
    DType common = common(args, firstPromoted);
    Object[] plain = plain(args);
    for (int i = 0; i < args.length; i++) {
      if (args[i] instanceof Lane l) {
        Tensor t = common == null || i < firstPromoted ? l.tensor() : l.tensor().to(common);
        plain[i] = l.stacked() ? padded(t, rank) : t;
      }
    }
    return plain;
  }

  private static @Nullable DType common(Object[] args, int firstPromoted) {
    Meta common = null;
    for (int i = firstPromoted; i < args.length; i++) {
      if (args[i] instanceof Lane l) {
        Meta own = l.own();
        common =
            common == null
                ? own
                : new Meta(
                    Shapes.promote(common, own),
                    common.rank() >= own.rank() ? common.shape() : own.shape());
      }
    }
    return common == null ? null : common.dtype();
  }

  /** A stacked tensor whose own axes are filled up in front to {@code rank}. */
  private static Tensor padded(Tensor t, int rank) {
    Tensor p = t;
    while (p.rank() - 1 < rank) {
      p = p.unsqueeze(1);
    }
    return p;
  }

  /** Without axes to reduce a number is its own sum, mean, maximum. */
  static List<Lane> reduction(Op op, Object[] args, Dim width) {
    if (!((List<?>) args[1]).isEmpty()) {
      return sameArguments(op, args, width);
    }
    Object[] plain = plain(args);
    DType type = op.rule().infer(plain).get(0).dtype();
    return List.of(new Lane(((Tensor) plain[0]).to(type), true));
  }

  /** Sizes get the lane axis in front. */
  static List<Lane> sized(Op op, Object[] args, Dim width) {
    return results(op, true, ((Lane) args[0]).tensor(), prepend(width, Rules.dims(args[1])));
  }

  static List<Lane> expand(Op op, Object[] args, Dim width) {
    List<Dim> sizes = Rules.dims(args[1]);
    return results(
        op, true, padded(((Lane) args[0]).tensor(), sizes.size()), prepend(width, sizes));
  }

  private static List<Dim> prepend(Dim width, List<Dim> sizes) {
    List<Dim> all = new ArrayList<>(sizes);
    all.add(0, width);
    return all;
  }

  static List<Lane> permute(Op op, Object[] args, Dim width) {
    List<Object> order = new ArrayList<>();
    order.add(0L);
    ((List<?>) args[1]).forEach(a -> order.add((Long) a + 1));
    return results(op, true, ((Lane) args[0]).tensor(), order);
  }

  static List<Lane> cat(Op op, Object[] args, Dim width) {
    List<Tensor> parts = ((List<?>) args[0]).stream().map(p -> ((Lane) p).spread(width)).toList();
    return results(op, true, parts, args[1]);
  }

  // Products.

  static List<Lane> matmul(Op op, Object[] args, Dim width) {
    return aligned(op, args, width);
  }

  /** A stacked weight turns the product into one of batches of matrices. */
  static List<Lane> linear(Op op, Object[] args, Dim width) {
    Lane x = (Lane) args[0];
    Lane w = (Lane) args[1];
    Object bias = args[2];
    boolean biasStacked = bias instanceof Lane b && b.stacked();
    if (!w.stacked() && !biasStacked) {
      return results(op, true, x.tensor(), w.tensor(), plain(bias));
    }
    Tensor xs = x.spread(width);
    Tensor ws = w.spread(width);
    boolean matrices = xs.rank() == 3;
    Dim rows = Shapes.product(xs.shape().subList(1, xs.rank() - 1));
    Tensor each = matrices ? xs : xs.reshape(width, rows, xs.size(-1));
    Tensor across = ws.transpose(-2, -1);
    Tensor y =
        bias instanceof Lane b
            ? (b.stacked() ? b.tensor().unsqueeze(1) : b.tensor()).baddbmm(each, across, 1, 1)
            : each.matmul(across);
    return List.of(lane(matrices ? y : y.reshape(sizes(Shapes.with(xs.shape(), -1, ws.size(-2))))));
  }

  static List<Lane> addmm(Op op, Object[] args, Dim width) {
    Object[] plain = plain(args);
    return results(
        Ops.BADDBMM_OVER,
        true,
        ((Lane) args[0]).spread(width),
        ((Lane) args[1]).spread(width),
        ((Lane) args[2]).spread(width),
        plain[3],
        plain[4]);
  }

  /** The lanes' batches as one long batch. */
  static List<Lane> baddbmm(Op op, Object[] args, Dim width) {
    Lane y = (Lane) args[0];
    Tensor a = ((Lane) args[1]).spread(width);
    Tensor b = ((Lane) args[2]).spread(width);
    Tensor ys = y.stacked() ? padded(y.tensor(), 3) : y.tensor();
    Dim[] shape = {width, a.size(1), a.size(2), b.size(3)};
    Object[] plain = plain(args);
    Tensor product = op.apply(flat(ys.expand(shape)), flat(a), flat(b), plain[3], plain[4]);
    return List.of(lane(product.reshape(shape)));
  }

  private static Tensor flat(Tensor t) {
    return t.reshape(t.size(0).times(t.size(1)), t.size(2), t.size(3));
  }

  static List<Lane> attention(Op op, Object[] args, Dim width) {
    Object[] plain = plain(args);
    for (int i = 0; i < 3; i++) {
      plain[i] = ((Lane) args[i]).spread(width);
    }
    if (args[3] instanceof Lane mask && mask.stacked()) {
      plain[3] = padded(mask.tensor(), ((Lane) args[0]).own().rank());
    }
    return results(op, true, plain);
  }

  static List<Lane> int8Linear(Op op, Object[] args, Dim width) {
    Lane x = (Lane) args[0];
    Lane w = (Lane) args[1];
    Lane scale = (Lane) args[2];
    if (!w.stacked() && !scale.stacked()) {
      Tensor t = x.tensor();
      Tensor rows = t.reshape(t.size(0).times(t.size(1)), t.size(2));
      Tensor y = op.apply(rows, w.tensor(), scale.tensor());
      return List.of(lane(y.reshape(t.size(0), t.size(1), y.size(1))));
    }
    Tensor xs = x.spread(width);
    Tensor ws = w.spread(width);
    Tensor scales = scale.spread(width);
    return List.of(
        lane(
            Kernel.cat(
                width,
                0,
                i ->
                    op.apply(xs.select(0, i), ws.select(0, i), scales.select(0, i)).unsqueeze(0))));
  }

  // Indexing.

  /** Stacked tables: rows are gathered lane by lane, so that no id reaches into another lane. */
  static List<Lane> embedding(Op op, Object[] args, Dim width) {
    Lane table = (Lane) args[0];
    Lane ids = (Lane) args[1];
    if (!table.stacked()) {
      return results(op, true, table.tensor(), ids.tensor());
    }
    Tensor t = table.tensor();
    Tensor i = ids.spread(width).to(DType.INT64);
    List<Dim> own = i.shape().subList(1, i.rank());
    Dim[] rows = {width, Shapes.product(own), t.size(2)};
    Tensor picked = t.gather(1, i.reshape(width, rows[1], Dim.of(1)).expand(rows));
    List<Dim> shape = new ArrayList<>(i.shape());
    shape.add(t.size(2));
    return List.of(lane(picked.reshape(sizes(shape))));
  }

  /**
   * Each lane picks its own entries: from what lanes share, all lanes' entries at once; from what
   * they do not, by gather, the index repeated over the other axes.
   */
  static List<Lane> indexSelect(Op op, Object[] args, Dim width) {
    Lane x = (Lane) args[0];
    Lane index = (Lane) args[2];
    if (!index.stacked()) {
      return results(op, true, x.tensor(), args[1], index.tensor());
    }
    int axis = Rules.axis(args[1]);
    Dim each = index.tensor().size(1);
    if (!x.stacked() && axis == -x.tensor().rank()) {
      Tensor rows = x.tensor().indexSelect(0, index.tensor().reshape(-1));
      List<Dim> shape = new ArrayList<>(x.tensor().shape());
      shape.set(0, each);
      return List.of(lane(rows.reshape(sizes(prepend(width, shape)))));
    }
    Tensor xs = x.spread(width);
    List<Dim> shape = Shapes.with(xs.shape(), axis, each);
    return List.of(lane(xs.gather(axis, along(index.tensor(), axis, shape))));
  }

  static List<Lane> indexAdd(Op op, Object[] args, Dim width) {
    Tensor xs = ((Lane) args[0]).spread(width);
    Lane index = (Lane) args[2];
    Tensor source = ((Lane) args[3]).spread(width);
    if (!index.stacked()) {
      return results(op, true, xs, args[1], index.tensor(), source);
    }
    int axis = Rules.axis(args[1]);
    Tensor places = along(index.tensor(), axis, source.shape());
    return List.of(lane(xs.scatterAdd(axis, places, source)));
  }

  /** A vector a lane, laid along one axis of a shape and repeated over the others. */
  private static Tensor along(Tensor index, int axis, List<Dim> shape) {
    Tensor i = index.to(DType.INT64);
    while (i.rank() - 1 < shape.size() + axis) {
      i = i.unsqueeze(1);
    }
    while (i.rank() < shape.size()) {
      i = i.unsqueeze(-1);
    }
    return i.expand(sizes(shape));
  }

  /** Each lane draws from its own key. */
  static List<Lane> oneByOne(Op op, Object[] args, Dim width) {
    Tensor keys = ((Lane) args[2]).tensor();
    return List.of(
        lane(
            Kernel.cat(width, 0, i -> op.apply(args[0], args[1], keys.select(0, i)).unsqueeze(0))));
  }

  /**
   * Lanes do not touch each other, so gradients of the sum over lanes are the lanes' own gradients.
   */
  static List<Lane> gradient(Op op, Object[] args, Dim width) {
    List<Tensor> of = ((List<?>) args[0]).stream().map(y -> ((Lane) y).spread(width)).toList();
    List<Object> seeds = new ArrayList<>();
    List<Tensor> total = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      Object seed = ((List<?>) args[1]).get(i);
      total.add(seed instanceof Lane ? of.get(i) : of.get(i).sum());
      seeds.add(seed instanceof Lane l ? l.spread(width) : seed);
    }
    return results(op, true, total, seeds, plain(args[2]));
  }

  private static Lane lane(Tensor stacked) {
    return new Lane(stacked, true);
  }

  private static Dim[] sizes(List<Dim> shape) {
    return shape.toArray(new Dim[0]);
  }
}
