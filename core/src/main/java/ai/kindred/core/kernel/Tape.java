package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What libtorch keeps of a forward pass for its gradient. */
final class Tape {

  /** Derivatives that need nothing but the cotangent (and lengths). */
  private static final Set<Op> NOTHING =
      Set.of(
          Ops.ADD,
          Ops.SUB,
          Ops.RSUB,
          Ops.NEG,
          Ops.SIGN,
          Ops.FLOOR,
          Ops.ROUND,
          Ops.CLONE,
          Ops.TO,
          Ops.SUM,
          Ops.MEAN,
          Ops.CUMSUM,
          Ops.FLIP,
          Ops.ROLL,
          Ops.TRIL,
          Ops.TRIU,
          Ops.CAT,
          Ops.REPEAT_INTERLEAVE,
          Ops.WRITE);

  /** Derivatives that need the result. */
  private static final Set<Op> RESULT =
      Set.of(
          Ops.EXP,
          Ops.EXPM1,
          Ops.SQRT,
          Ops.RSQRT,
          Ops.RECIPROCAL,
          Ops.TANH,
          Ops.SIGMOID,
          Ops.RELU,
          Ops.SOFTMAX,
          Ops.LOG_SOFTMAX);

  /** Derivatives that need arguments and result. */
  private static final Set<Op> BOTH =
      Set.of(Ops.POW, Ops.AMAX, Ops.AMIN, Ops.LOGSUMEXP, Ops.ATTENTION);

  /** A factor is needed where the other factor has a gradient. */
  private static final Set<Op> PRODUCTS =
      Set.of(Ops.MUL, Ops.MATMUL, Ops.LINEAR, Ops.ADDMM, Ops.BADDBMM, Ops.BADDBMM_OVER);

  /** Only whole-number and truth arguments are needed: where elements went. */
  private static final Set<Op> PLACES =
      Set.of(
          Ops.WHERE, Ops.INDEX_SELECT, Ops.GATHER, Ops.EMBEDDING, Ops.INDEX_ADD, Ops.SCATTER_ADD);

  /** Derivatives that hand the cotangent on, as it is or as a view. */
  private static final Set<Op> PASSING =
      Set.of(
          Ops.ADD,
          Ops.SUM,
          Ops.RESHAPE,
          Ops.PERMUTE,
          Ops.TRANSPOSE,
          Ops.UNSQUEEZE,
          Ops.SQUEEZE,
          Ops.CONTIGUOUS,
          Ops.CLONE);

  private final Set<Symbol> dependent;

  private Tape(Set<Symbol> dependent) {
    this.dependent = dependent;
  }

  /** The tape of steps from variables on. */
  static Tape of(List<Node> nodes, Set<Symbol> variables) {
    return new Tape(Dependents.of(nodes, variables));
  }

  boolean isOn(Symbol s) {
    return dependent.contains(s);
  }

  /** Whether the cotangent of an operation's argument takes no memory of its own. */
  static boolean passesOn(Op op) {
    return PASSING.contains(op);
  }

  /** The steps before a gradient that it goes back through, in their order. */
  List<Node> steps(List<Node> before, Set<Symbol> of) {
    Set<Symbol> wanted = new HashSet<>(of);
    List<Node> steps = new ArrayList<>();
    for (int i = before.size() - 1; i >= 0; i--) {
      Node node = before.get(i);
      boolean reached = node.outputs().stream().anyMatch(s -> wanted.contains(s) && isOn(s));
      boolean starts = node instanceof Node.Call call && call.op().equals(Ops.VARIABLE);
      if (reached && !starts) {
        steps.add(0, node);
        wanted.addAll(Replay.uses(List.of(node)));
      }
    }
    return steps;
  }

  /** The symbols that a step on the tape keeps until its gradient was computed. */
  Set<Symbol> keeps(Node.Call call) {
    Set<Symbol> kept = new LinkedHashSet<>();
    Op op = call.op();
    if (NOTHING.contains(op) || (Aliases.isView(op) && !PRODUCTS.contains(op))) {
      return kept;
    }
    List<Symbol> arguments = new ArrayList<>();
    call.args().forEach(a -> collect(a, arguments));
    if (RESULT.contains(op) || BOTH.contains(op)) {
      kept.addAll(call.outputs());
    }
    if (PRODUCTS.contains(op)) {
      factors(arguments, arguments.size() == 3 && !op.equals(Ops.LINEAR) ? 1 : 0, kept);
    } else if (PLACES.contains(op)) {
      arguments.stream().filter(s -> !s.dtype().isFloating()).forEach(kept::add);
    } else if (!RESULT.contains(op)) {
      boolean number = call.args().size() > 1 && !(call.args().get(1) instanceof Symbol);
      if (!(op.equals(Ops.DIV) && number)) {
        kept.addAll(arguments);
      }
    }
    return kept;
  }

  private void factors(List<Symbol> arguments, int first, Set<Symbol> kept) {
    if (arguments.size() < first + 2) {
      return;
    }
    Symbol a = arguments.get(first);
    Symbol b = arguments.get(first + 1);
    if (isOn(a)) {
      kept.add(b);
    }
    if (isOn(b)) {
      kept.add(a);
    }
  }

  private static void collect(Object arg, List<Symbol> into) {
    if (arg instanceof Symbol s) {
      into.add(s);
    } else if (arg instanceof List<?> list) {
      list.forEach(a -> collect(a, into));
    }
  }
}
