package ai.kindred.core.kernel;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds sums {@code y + alpha h B} of a fresh product y and another product, which can be added
 * into y's memory by one {@code addmm_}: no memory for the second product, the scaled one and the
 * sum. A low-rank adapter's output is such a sum. Products keep their factors for the gradient, not
 * their results, so writing over y changes no gradient.
 */
final class InPlace {

  /** {@code y += alpha h b}, where b is given transposed or not. */
  record Sum(Symbol y, Symbol h, Symbol b, boolean transposed, Object alpha) {

    String program(Printer out) {
      String factor = transposed ? "torch.t(" + out.of(b) + ")" : out.of(b);
      return "torch.addmm_("
          + out.of(y)
          + ", "
          + out.of(h)
          + ", "
          + factor
          + ", beta=1, alpha="
          + out.argument(alpha)
          + ")";
    }
  }

  private final IdentityHashMap<Node.Call, Sum> sums = new IdentityHashMap<>();
  private final Set<Node.Call> parts = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Symbol, Integer> uses;

  private InPlace(Map<Symbol, Integer> uses) {
    this.uses = uses;
  }

  static InPlace of(List<Node> nodes, Map<Symbol, Integer> uses) {
    InPlace found = new InPlace(uses);
    found.scan(Replay.flat(nodes));
    return found;
  }

  @Nullable Sum sum(Node.Call call) {
    return sums.get(call);
  }

  /** Whether a step's result goes into such a sum and is not needed by itself. */
  boolean isPart(Node.Call call) {
    return parts.contains(call);
  }

  private void scan(List<Node> nodes) {
    Map<Symbol, Node.Call> makers = new HashMap<>();
    for (Node node : nodes) {
      if (node instanceof Node.Loop loop) {
        scan(Replay.flat(loop.body().nodes()));
      } else if (node instanceof Node.Call call) {
        call.outputs().forEach(s -> makers.put(s, call));
      }
    }
    if (Replay.writes(nodes)) {
      return;
    }
    for (Node node : nodes) {
      if (node instanceof Node.Call call && call.op().equals(Ops.ADD)) {
        Object left = call.args().get(0);
        Object right = call.args().get(1);
        if (!tryInto(call, left, right, makers)) {
          tryInto(call, right, left, makers);
        }
      }
    }
  }

  private boolean tryInto(Node.Call add, Object into, Object added, Map<Symbol, Node.Call> makers) {
    Node.Call fresh = product(into, makers);
    Object alpha = 1L;
    Object term = added;
    Node.Call scaled = single(added, makers);
    if (scaled != null
        && scaled.op().equals(Ops.MUL)
        && (scaled.args().get(1) instanceof Double || scaled.args().get(1) instanceof Long)) {
      alpha = scaled.args().get(1);
      term = scaled.args().get(0);
    } else {
      scaled = null;
    }
    Node.Call product = product(term, makers);
    if (fresh == null
        || product == null
        || fresh.outputs().equals(product.outputs())
        || hasBias(product)) {
      return false;
    }
    Symbol y = fresh.outputs().get(0);
    Symbol d = product.outputs().get(0);
    if (y.dtype() != d.dtype() || !y.dtype().isFloating() || !sameShape(y, d)) {
      return false;
    }
    Symbol h = (Symbol) product.args().get(0);
    Symbol b = (Symbol) product.args().get(1);
    sums.put(add, new Sum(y, h, b, product.op().equals(Ops.LINEAR), alpha));
    parts.add(product);
    if (scaled != null) {
      parts.add(scaled);
    }
    return true;
  }

  /** Whether nothing is repeated; the sum itself holds lengths that agree today to it. */
  private static boolean sameShape(Symbol y, Symbol d) {
    for (int i = 0; i < 2; i++) {
      Long known = y.size(i).hint();
      if (!y.size(i).equals(d.size(i)) && (known == null || !known.equals(d.size(i).hint()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasBias(Node.Call product) {
    return product.op().equals(Ops.LINEAR) && product.args().get(2) instanceof Symbol;
  }

  /** The product of two matrices that is used here alone. */
  private Node.@Nullable Call product(Object arg, Map<Symbol, Node.Call> makers) {
    Node.Call call = single(arg, makers);
    if (call == null || !(call.op().equals(Ops.LINEAR) || call.op().equals(Ops.MATMUL))) {
      return null;
    }
    boolean matrices =
        ((Symbol) call.args().get(0)).rank() == 2 && ((Symbol) call.args().get(1)).rank() == 2;
    return matrices && !sums.containsKey(call) && !parts.contains(call) ? call : null;
  }

  /** The step that made a symbol which is used once. */
  private Node.@Nullable Call single(Object arg, Map<Symbol, Node.Call> makers) {
    return arg instanceof Symbol s && uses.getOrDefault(s, 0) == 1 ? makers.get(s) : null;
  }
}
