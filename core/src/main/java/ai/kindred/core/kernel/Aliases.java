package ai.kindred.core.kernel;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which symbols share memory: the result of a view or of a write lies where its first argument
 * lies.
 */
final class Aliases {

  private static final Set<Op> VIEWS =
      Set.of(
          Ops.RESHAPE,
          Ops.EXPAND,
          Ops.PERMUTE,
          Ops.TRANSPOSE,
          Ops.UNSQUEEZE,
          Ops.SQUEEZE,
          Ops.NARROW,
          Ops.SELECT,
          Ops.DETACH,
          Ops.VARIABLE,
          Ops.CONTIGUOUS,
          Ops.WRITE,
          Ops.ADDMM,
          Ops.BADDBMM_OVER);

  private final Map<Symbol, Set<Symbol>> origins = new HashMap<>();

  private Aliases() {}

  static Aliases of(List<Node> nodes) {
    Aliases a = new Aliases();
    a.scan(nodes);
    return a;
  }

  static boolean isView(Op op) {
    return VIEWS.contains(op);
  }

  /** The symbols whose memory this one may lie in: itself where the memory is its own. */
  Set<Symbol> of(Symbol s) {
    return origins.getOrDefault(s, Set.of(s));
  }

  private void scan(List<Node> nodes) {
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        if (VIEWS.contains(call.op())) {
          add(call.outputs().get(0), (Symbol) call.args().get(0));
        } else if (call.op().equals(Ops.GRADIENT)) {
          // A cotangent may come out again as it went in.
          for (Symbol grad : call.outputs()) {
            ((List<?>) call.args().get(1))
                .forEach(
                    seed -> {
                      if (seed instanceof Symbol s) {
                        add(grad, s);
                      }
                    });
          }
        }
      } else if (node instanceof Node.Checkpoint c) {
        scan(c.body().nodes());
      } else {
        loop((Node.Loop) node);
      }
    }
  }

  private void loop(Node.Loop loop) {
    for (int i = 0; i < loop.carry().size(); i++) {
      add(loop.carry().get(i), loop.initial().get(i));
    }
    // Each pass carries memory at least one carry further.
    for (int pass = 0; pass <= loop.carry().size(); pass++) {
      scan(loop.body().nodes());
      for (int i = 0; i < loop.carry().size(); i++) {
        add(loop.carry().get(i), loop.next().get(i));
      }
    }
    for (int i = 0; i < loop.carry().size(); i++) {
      add(loop.outputs().get(i), loop.carry().get(i));
    }
  }

  private void add(Symbol s, Symbol from) {
    Set<Symbol> both = new LinkedHashSet<>(origins.getOrDefault(s, Set.of()));
    both.addAll(of(from));
    origins.put(s, both);
  }
}
