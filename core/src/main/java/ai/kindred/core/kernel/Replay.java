package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Records steps again with some symbols replaced. */
final class Replay {

  private final Trace trace = Trace.current();
  private final Map<Symbol, Tensor> replaced;
  private final Map<Integer, Dim> indices = new HashMap<>();

  Replay(Map<Symbol, Tensor> replaced) {
    this.replaced = replaced;
  }

  Tensor get(Symbol s) {
    return replaced.getOrDefault(s, s);
  }

  void run(List<Node> nodes) {
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        Object[] args = call.args().toArray();
        for (int i = 0; i < args.length; i++) {
          args[i] = argument(args[i]);
        }
        define(call.outputs(), trace.at(call.where(), () -> call.op().applyAll(args)));
      } else if (node instanceof Node.Checkpoint c) {
        run(c.body().nodes());
      } else {
        trace.at(node.where(), () -> loop((Node.Loop) node));
      }
    }
  }

  /** Whether steps write over tensors. */
  static boolean writes(List<Node> nodes) {
    boolean[] writes = {false};
    calls(nodes, call -> writes[0] |= Ops.writes(call.op()));
    return writes[0];
  }

  /** The steps with those of checkpoints in their places. */
  static List<Node> flat(List<Node> nodes) {
    List<Node> flat = new ArrayList<>();
    for (Node node : nodes) {
      if (node instanceof Node.Checkpoint c) {
        flat.addAll(flat(c.body().nodes()));
      } else {
        flat.add(node);
      }
    }
    return flat;
  }

  /** Gives each operation, those inside loops and checkpoints too, to {@code visitor}. */
  static void calls(List<Node> nodes, Consumer<Node.Call> visitor) {
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        visitor.accept(call);
      } else if (node instanceof Node.Checkpoint c) {
        calls(c.body().nodes(), visitor);
      } else {
        calls(((Node.Loop) node).body().nodes(), visitor);
      }
    }
  }

  private void define(List<Symbol> old, List<? extends Tensor> made) {
    for (int i = 0; i < old.size(); i++) {
      replaced.put(old.get(i), made.get(i));
    }
  }

  private List<Tensor> loop(Node.Loop loop) {
    List<Tensor> results =
        Kernel.loop(
            dim(loop.count()),
            loop.initial().stream().map(this::get).toList(),
            loop.axis(),
            (index, carry) -> {
              indices.put(loop.id(), index);
              define(loop.carry(), carry);
              run(loop.body().nodes());
              return new Kernel.Turn(
                  loop.next().stream().map(this::get).toList(),
                  loop.emits().stream().map(this::get).toList());
            });
    define(loop.outputs(), results);
    return results;
  }

  private Object argument(Object arg) {
    if (arg instanceof Symbol s) {
      return get(s);
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
            return get(size.symbol()).shape().get(size.axis());
          }
          if (atom instanceof Dim.Item item) {
            return get(item.symbol()).toDim();
          }
          Dim.Index index = (Dim.Index) atom;
          Dim known = indices.get(index.loop());
          return known == null ? Dim.of(index, null) : known;
        });
  }

  /** The symbols that steps use without defining them. */
  static Set<Symbol> uses(List<Node> nodes) {
    Set<Symbol> used = new LinkedHashSet<>();
    Set<Symbol> defined = new LinkedHashSet<>();
    scan(nodes, used::add, defined::add);
    used.removeAll(defined);
    return used;
  }

  /** The symbols that steps define for later ones. */
  static Set<Symbol> definitions(List<Node> nodes) {
    Set<Symbol> defined = new LinkedHashSet<>();
    for (Node node : nodes) {
      if (node instanceof Node.Checkpoint c) {
        defined.addAll(definitions(c.body().nodes()));
      } else {
        defined.addAll(node.outputs());
      }
    }
    return defined;
  }

  /** Gives every use and every definition of a symbol to the visitors. */
  static void scan(List<Node> nodes, Consumer<Symbol> use, Consumer<Symbol> define) {
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        for (Object a : call.args()) {
          scan(a, use);
        }
        call.outputs().forEach(define);
      } else if (node instanceof Node.Checkpoint c) {
        scan(c.body().nodes(), use, define);
      } else {
        Node.Loop loop = (Node.Loop) node;
        loop.count().symbols(use);
        loop.initial().forEach(use);
        loop.carry().forEach(define);
        Block body = loop.body();
        scan(body.nodes(), use, define);
        loop.next().forEach(use);
        loop.emits().forEach(use);
        loop.outputs().forEach(define);
      }
    }
  }

  private static void scan(Object arg, Consumer<Symbol> use) {
    if (arg instanceof Symbol s) {
      use.accept(s);
    } else if (arg instanceof Dim d) {
      d.symbols(use);
    } else if (arg instanceof Op.Keyword k) {
      scan(k.value(), use);
    } else if (arg instanceof List<?> list) {
      list.forEach(a -> scan(a, use));
    }
  }
}
