package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.meta;

import ai.kindred.core.kernel.Node.Block;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Counts the floating-point operations of a trace at the lengths that it was traced with. */
final class Cost {

  private Cost() {}

  static final Op.Cost FREE = (args, outputs) -> 0;

  /** One floating-point operation an element of the result. */
  static final Op.Cost EACH = (args, outputs) -> elements(outputs.get(0).shape());

  /** One floating-point operation an element of the first argument. */
  static final Op.Cost EACH_READ = (args, outputs) -> elements(meta(args[0]).shape());

  /** Exponentials, a sum, a quotient. */
  static final Op.Cost SOFTMAX = (args, outputs) -> 5 * elements(outputs.get(0).shape());

  /** A product whose left factor is argument {@code left}, of shape [.., in]. */
  static Op.Cost product(int left) {
    return (args, outputs) ->
        2 * elements(outputs.get(0).shape()) * length(meta(args[left]).size(-1));
  }

  /** An output reads a window of every input channel of its group: as many as a filter has. */
  static final Op.Cost CONVOLUTION =
      (args, outputs) ->
          2
              * elements(outputs.get(0).shape())
              * elements(meta(args[1]).shape().subList(1, meta(args[1]).rank()));

  /** One floating-point operation an element of each window. */
  static final Op.Cost EACH_WINDOW =
      (args, outputs) -> {
        double elements = elements(outputs.get(0).shape());
        for (Object length : (List<?>) args[1]) {
          elements *= (Long) length;
        }
        return elements;
      };

  static final Op.Cost ATTENTION =
      (args, outputs) ->
          2
              * elements(outputs.get(0).shape().subList(0, outputs.get(0).rank() - 1))
              * length(meta(args[1]).size(-2))
              * (length(meta(args[0]).size(-1)) + length(meta(args[2]).size(-1)));

  static double elements(List<Dim> shape) {
    double n = 1;
    for (Dim d : shape) {
      n *= length(d);
    }
    return n;
  }

  private static double length(Dim d) {
    Long n = d.hint();
    return n == null ? 1 : n;
  }

  static double flops(Block block) {
    double sum = 0;
    List<Node> nodes = block.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node instanceof Node.Call call) {
        sum += call.op().equals(Ops.GRADIENT) ? backward(nodes.subList(0, i), call) : of(call);
      } else if (node instanceof Node.Checkpoint c) {
        sum += flops(c.body());
      } else {
        Node.Loop loop = (Node.Loop) node;
        sum += turns(loop) * flops(loop.body());
      }
    }
    return sum;
  }

  private static double of(Node.Call call) {
    return call.op().cost().flops(call.args().toArray(), call.outputs());
  }

  private static double turns(Node.Loop loop) {
    Long turns = loop.count().hint();
    return turns == null ? 1 : turns;
  }

  /** What goes back through the steps before a gradient, to its variables. */
  private static double backward(List<Node> before, Node.Call gradient) {
    Set<Symbol> variables = new HashSet<>();
    ((List<?>) gradient.args().get(2)).forEach(v -> variables.add((Symbol) v));
    return backward(before, Dependents.of(before, variables));
  }

  /** Whether an argument's gradient is work: to what a product is added it just passes. */
  private static boolean counts(Op op, int argument) {
    boolean added = op.equals(Ops.ADDMM) || op.equals(Ops.BADDBMM) || op.equals(Ops.BADDBMM_OVER);
    boolean biased = op.equals(Ops.LINEAR) || op.equals(Ops.CONV2D);
    return added ? argument > 0 : !biased || argument < 2;
  }

  /** A step has a gradient for each of its arguments that depends on a variable. */
  private static double backward(List<Node> nodes, Set<Symbol> dependents) {
    double sum = 0;
    for (Node node : nodes) {
      if (node instanceof Node.Call call) {
        boolean passes = call.outputs().stream().anyMatch(dependents::contains);
        for (int i = 0; passes && i < call.args().size(); i++) {
          boolean flows = dependents.contains(call.args().get(i)) && counts(call.op(), i);
          sum += flows ? of(call) : 0;
        }
      } else if (node instanceof Node.Checkpoint c) {
        sum += backward(c.body().nodes(), dependents);
      } else {
        Node.Loop loop = (Node.Loop) node;
        sum += turns(loop) * backward(loop.body().nodes(), dependents);
      }
    }
    return sum;
  }
}
