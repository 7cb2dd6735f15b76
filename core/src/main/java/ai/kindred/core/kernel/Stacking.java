package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a traced function to run on stacked inputs: tensors with a leading lane axis, one lane a
 * copy. Tensors that are not stacked are shared by all lanes. One rule an operation; an operation
 * without one is named.
 */
final class Stacking {

  /** A result, and whether it has the lane axis. */
  record Lane(Tensor tensor, boolean stacked) {

    /** This result with a lane axis: repeated where it had none. */
    Tensor spread(Dim width) {
      if (stacked) {
        return tensor;
      }
      List<Dim> shape = new ArrayList<>(tensor.shape());
      shape.add(0, width);
      return tensor.expand(shape.toArray(new Dim[0]));
    }
  }

  private final Map<Symbol, Lane> lanes = new HashMap<>();
  private final Map<Integer, Dim> indices = new HashMap<>();
  private final Dim width;

  private Stacking(Dim width) {
    this.width = width;
  }

  /**
   * Replays {@code block} into the active trace with some symbols stacked; returns the outputs, all
   * stacked.
   */
  static List<Tensor> replay(
      Node.Block block, Map<Symbol, Tensor> stacked, List<Symbol> outputs, Dim width) {
    Stacking s = new Stacking(width);
    stacked.forEach((k, v) -> s.lanes.put(k, new Lane(v, true)));
    s.block(block);
    return outputs.stream().map(o -> s.lane(o).spread(width)).toList();
  }

  private Lane lane(Symbol s) {
    // A symbol from outside the block is shared by all lanes.
    return lanes.getOrDefault(s, new Lane(s, false));
  }

  private void block(Node.Block block) {
    for (Node node : block.nodes()) {
      if (node instanceof Node.Call call) {
        call(call);
      } else if (node instanceof Node.Checkpoint c) {
        block(c.body());
      } else {
        loop((Node.Loop) node);
      }
    }
  }

  private void call(Node.Call call) {
    Object[] args = call.args().toArray();
    boolean any = false;
    for (int i = 0; i < args.length; i++) {
      args[i] = argument(args[i]);
      any |= stacked(args[i]);
    }
    List<Lane> results;
    try {
      results = any ? call.op().lanes().apply(call.op(), args, width) : shared(call.op(), args);
    } catch (UnsupportedOperationException e) {
      throw new KernelException(
          call.op().name()
              + " cannot run on stacked inputs ("
              + call.where()
              + "); run the copies one by one",
          e);
    }
    for (int i = 0; i < results.size(); i++) {
      lanes.put(call.outputs().get(i), results.get(i));
    }
  }

  private Object argument(Object arg) {
    if (arg instanceof Symbol s) {
      return lane(s);
    }
    if (arg instanceof Dim d) {
      return dim(d);
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), argument(k.value()));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(this::argument).toList();
    }
    return arg;
  }

  private Dim dim(Dim d) {
    return d.substitute(
        atom -> {
          if (atom instanceof Dim.Size size) {
            Lane l = lane(size.symbol());
            return l.tensor().shape().get(size.axis() + (l.stacked() ? 1 : 0));
          }
          if (atom instanceof Dim.Item item) {
            Lane l = lane(item.symbol());
            if (l.stacked()) {
              throw new KernelException(
                  "a number read from a stacked tensor differs from lane to lane", null);
            }
            return l.tensor().toDim();
          }
          if (atom instanceof Dim.Index index) {
            Dim known = indices.get(index.loop());
            return known == null ? Dim.of(index, null) : known;
          }
          return Dim.of(atom, null);
        });
  }

  private static boolean stacked(@Nullable Object arg) {
    return (arg instanceof Lane l && l.stacked())
        || (arg instanceof List<?> list && list.stream().anyMatch(Stacking::stacked));
  }

  private void loop(Node.Loop loop) {
    List<Tensor> initial = new ArrayList<>();
    // A carry may become stacked inside: all are, so that every turn has the same shapes.
    loop.initial().forEach(s -> initial.add(lane(s).spread(width)));
    List<Tensor> results =
        Kernel.loop(
            dim(loop.count()),
            initial,
            loop.axis(),
            (index, carry) -> {
              indices.put(loop.id(), index);
              for (int i = 0; i < carry.size(); i++) {
                lanes.put(loop.carry().get(i), new Lane(carry.get(i), true));
              }
              block(loop.body());
              return new Kernel.Turn(
                  loop.next().stream().map(s -> lane(s).spread(width)).toList(),
                  loop.emits().stream().map(s -> lane(s).spread(width)).toList());
            });
    for (int i = 0; i < results.size(); i++) {
      lanes.put(loop.outputs().get(i), new Lane(results.get(i), true));
    }
  }

  // Rules.

  private static List<Lane> results(Op op, boolean stacked, Object... args) {
    return op.applyAll(args).stream().map(t -> new Lane(t, stacked)).toList();
  }

  private static List<Lane> shared(Op op, Object[] args) {
    Object[] plain = new Object[args.length];
    for (int i = 0; i < args.length; i++) {
      plain[i] = plain(args[i]);
    }
    return results(op, false, plain);
  }

  private static Object plain(Object arg) {
    if (arg instanceof Lane l) {
      return l.tensor();
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), plain(k.value()));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(Stacking::plain).toList();
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
    Object[] plain = args.clone();
    for (int i = 0; i < args.length; i++) {
      plain[i] = plain(args[i]);
    }
    return results(op, true, plain);
  }

  /** Every tensor gets the lane axis. */
  static List<Lane> allLanes(Op op, Object[] args, Dim width) {
    Object[] spread = args.clone();
    for (int i = 0; i < args.length; i++) {
      spread[i] = args[i] instanceof Lane l ? l.spread(width) : plain(args[i]);
    }
    return results(op, true, spread);
  }

  /** Broadcasting: lanes stay in front when shorter tensors get axes of length 1 after theirs. */
  static List<Lane> aligned(Op op, Object[] args, Dim width) {
    int rank = 0;
    for (Object a : args) {
      if (a instanceof Lane l) {
        rank = Math.max(rank, l.tensor().rank() - (l.stacked() ? 1 : 0));
      }
    }
    Object[] plain = args.clone();
    for (int i = 0; i < args.length; i++) {
      plain[i] =
          args[i] instanceof Lane l && l.stacked() ? padded(l.tensor(), rank) : plain(args[i]);
    }
    return results(op, true, plain);
  }

  /** A stacked tensor whose own axes are filled up in front to {@code rank}. */
  private static Tensor padded(Tensor t, int rank) {
    Tensor p = t;
    while (p.rank() - 1 < rank) {
      p = p.unsqueeze(1);
    }
    return p;
  }

  /** Sizes get the lane axis in front. */
  static List<Lane> sized(Op op, Object[] args, Dim width) {
    return results(op, true, ((Lane) args[0]).tensor(), prepend(width, Ops.dims(plain(args[1]))));
  }

  static List<Lane> expand(Op op, Object[] args, Dim width) {
    List<Dim> sizes = Ops.dims(plain(args[1]));
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
    Dim in = xs.size(-1);
    Tensor y = xs.reshape(width, Dim.of(-1), in).matmul(ws.transpose(-2, -1));
    if (bias instanceof Lane b) {
      y = y.add(b.stacked() ? b.tensor().unsqueeze(1) : b.tensor());
    }
    List<Dim> shape = new ArrayList<>(xs.shape());
    shape.set(shape.size() - 1, ws.size(-2));
    return List.of(new Lane(y.reshape(shape.toArray(new Dim[0])), true));
  }

  /** Stacked tables are one long table whose rows are offset by lane. */
  static List<Lane> embedding(Op op, Object[] args, Dim width) {
    Lane table = (Lane) args[0];
    Lane ids = (Lane) args[1];
    if (!table.stacked()) {
      return results(op, true, table.tensor(), ids.tensor());
    }
    Tensor i = ids.spread(width);
    Tensor t = table.tensor();
    Tensor offset = Ops.MUL.apply(Tensor.arange(width), t.size(1));
    while (offset.rank() < i.rank()) {
      offset = offset.unsqueeze(-1);
    }
    return results(op, true, t.reshape(t.size(0).times(t.size(1)), t.size(2)), i.add(offset));
  }

  static List<Lane> indexSelect(Op op, Object[] args, Dim width) {
    Lane x = (Lane) args[0];
    Lane index = (Lane) args[2];
    if (!index.stacked()) {
      return results(op, true, x.tensor(), args[1], index.tensor());
    }
    // Each lane picks its own entries: gather along the axis, the index repeated over the other
    // axes.
    Tensor xs = x.spread(width);
    int axis = Ops.axis(args[1]);
    Tensor i = index.tensor();
    while (i.rank() - 1 < xs.rank() + axis) {
      i = i.unsqueeze(1);
    }
    while (i.rank() < xs.rank()) {
      i = i.unsqueeze(-1);
    }
    List<Dim> shape = Shapes.with(xs.shape(), axis, i.size(axis));
    return List.of(new Lane(xs.gather(axis, i.expand(shape.toArray(new Dim[0]))), true));
  }

  /** Each lane draws from its own key. */
  static List<Lane> oneByOne(Op op, Object[] args, Dim width) {
    Tensor keys = ((Lane) args[2]).tensor();
    Tensor drawn =
        Kernel.cat(width, 0, i -> op.apply(args[0], args[1], keys.select(0, i)).unsqueeze(0));
    return List.of(new Lane(drawn, true));
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
    List<?> variables = (List<?>) args[2];
    if (variables.stream().anyMatch(v -> !((Lane) v).stacked())) {
      throw new UnsupportedOperationException("gradients of a tensor that all lanes share");
    }
    return results(op, true, total, seeds, variables.stream().map(Stacking::plain).toList());
  }
}
