package ai.kindred.core.kernel;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The symbols that change with some variables, so that gradients flow back from them. */
final class Dependents {

  /** Results of these are constants to gradients. */
  private static final Set<Op> CUTS = Set.of(Ops.DETACH, Ops.VARIABLE, Ops.GRADIENT);

  private final Set<Symbol> found;

  private Dependents(Set<Symbol> variables) {
    this.found = new HashSet<>(variables);
  }

  static Set<Symbol> of(List<Node> nodes, Set<Symbol> variables) {
    Dependents d = new Dependents(variables);
    d.scan(nodes);
    return d.found;
  }

  private void scan(List<Node> nodes) {
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        if (!CUTS.contains(call.op()) && any(call.args())) {
          call.outputs().stream().filter(s -> s.dtype().isFloating()).forEach(found::add);
          // What is written into depends on what was written.
          if (Ops.writes(call.op())) {
            found.add((Symbol) call.args().get(0));
          }
        }
      } else if (node instanceof Node.Checkpoint c) {
        scan(c.body().nodes());
      } else {
        loop((Node.Loop) node);
      }
    }
  }

  /** Only tensors count: a length is a constant. */
  private boolean any(Object arg) {
    if (arg instanceof Symbol s) {
      return found.contains(s);
    }
    return arg instanceof Op.Keyword k
        ? any(k.value())
        : arg instanceof List<?> list && list.stream().anyMatch(this::any);
  }

  private void loop(Node.Loop loop) {
    follow(loop.initial(), loop.carry());
    int before;
    do {
      before = found.size();
      scan(loop.body().nodes());
      follow(loop.next(), loop.carry());
    } while (found.size() > before);
    follow(loop.carry(), loop.outputs().subList(0, loop.carry().size()));
    follow(loop.emits(), loop.outputs().subList(loop.carry().size(), loop.outputs().size()));
  }

  private void follow(List<Symbol> from, List<Symbol> to) {
    for (int i = 0; i < from.size(); i++) {
      if (found.contains(from.get(i))) {
        found.add(to.get(i));
      }
    }
  }
}
