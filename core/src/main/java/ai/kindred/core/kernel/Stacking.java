package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a traced function to run on stacked inputs: tensors with a leading lane axis, one lane a
 * copy. Tensors that are not stacked are shared by all lanes. One rule an operation ({@link
 * LaneRules}); an operation without one is named.
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

    /** What one lane sees. */
    Meta own() {
      Meta m = tensor.meta();
      return stacked ? new Meta(m.dtype(), m.shape().subList(1, m.rank())) : m;
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
    Trace trace = Trace.current();
    for (Node node : block.nodes()) {
      trace.at(
          node.where(),
          () -> {
            if (node instanceof Node.Call call) {
              call(call);
            } else if (node instanceof Node.Checkpoint c) {
              block(c.body());
            } else {
              loop((Node.Loop) node);
            }
            return width;
          });
    }
  }

  private void call(Node.Call call) {
    Op op = call.op();
    Object[] args = call.args().toArray();
    boolean any = false;
    for (int i = 0; i < args.length; i++) {
      args[i] = argument(args[i], call);
      any |= stacked(args[i]);
    }
    if (any && Ops.writes(op)) {
      args[0] = own((Symbol) call.args().get(0), call);
    }
    // A variable has lanes even where its value is shared: each lane has its own gradient.
    boolean lanewise = any || op.equals(Ops.VARIABLE);
    List<Lane> results;
    try {
      results = lanewise ? op.lanes().apply(op, args, width) : LaneRules.shared(op, args);
    } catch (UnsupportedOperationException e) {
      throw new KernelException(
          op.name()
              + " cannot run on stacked inputs ("
              + call.where()
              + "); run the copies one by one",
          e);
    }
    for (int i = 0; i < results.size(); i++) {
      lanes.put(call.outputs().get(i), results.get(i));
    }
  }

  /** The target of a write with memory of its own a lane. */
  private Lane own(Symbol target, Node.Call call) {
    Lane l = lane(target);
    if (l.stacked()) {
      return l;
    }
    if (!lanes.containsKey(target)) {
      throw new KernelException(
          call.op().name()
              + " would write over a tensor that all lanes share ("
              + call.where()
              + "); copy it first",
          null);
    }
    Lane own = new Lane(l.spread(width).copy(), true);
    lanes.put(target, own);
    return own;
  }

  private Object argument(Object arg, Node node) {
    if (arg instanceof Symbol s) {
      return lane(s);
    }
    if (arg instanceof Dim d) {
      return dim(d, node);
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), argument(k.value(), node));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(a -> argument(a, node)).toList();
    }
    return arg;
  }

  private Dim dim(Dim d, Node node) {
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
                  "a number read from a stacked tensor differs from lane to lane ("
                      + node.where()
                      + "); run the copies one by one",
                  null);
            }
            return l.tensor().toDim();
          }
          Dim.Index index = (Dim.Index) atom;
          Dim known = indices.get(index.loop());
          return known == null ? Dim.of(index, null) : known;
        });
  }

  private static boolean stacked(@Nullable Object arg) {
    return (arg instanceof Lane l && l.stacked())
        || (arg instanceof List<?> list && list.stream().anyMatch(Stacking::stacked));
  }

  private void loop(Node.Loop loop) {
    boolean writes = Replay.writes(loop.body().nodes());
    List<Tensor> initial = new ArrayList<>();
    // A carry may become stacked inside: all are, so that every turn has the same shapes.
    loop.initial().forEach(s -> initial.add(carried(s, writes)));
    List<Tensor> results =
        Kernel.loop(
            dim(loop.count(), loop),
            initial,
            loop.axis(),
            (index, carry) -> {
              indices.put(loop.id(), index);
              for (int i = 0; i < carry.size(); i++) {
                lanes.put(loop.carry().get(i), new Lane(carry.get(i), true));
              }
              block(loop.body());
              return new Kernel.Turn(
                  loop.next().stream().map(s -> carried(s, writes)).toList(),
                  loop.emits().stream().map(s -> lane(s).spread(width)).toList());
            });
    for (int i = 0; i < results.size(); i++) {
      lanes.put(loop.outputs().get(i), new Lane(results.get(i), true));
    }
  }

  /** A carry with lanes; one that is written to needs memory of its own a lane. */
  private Tensor carried(Symbol s, boolean written) {
    Lane l = lane(s);
    return written && !l.stacked() ? l.spread(width).copy() : l.spread(width);
  }
}
