package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.meta;

import ai.kindred.core.kernel.Node.Block;
import java.util.List;

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
    for (Node node : block.nodes()) {
      if (node instanceof Node.Call call) {
        sum += call.op().cost().flops(call.args().toArray(), call.outputs());
      } else if (node instanceof Node.Checkpoint c) {
        sum += flops(c.body());
      } else {
        Node.Loop loop = (Node.Loop) node;
        Long turns = loop.count().hint();
        sum += (turns == null ? 1 : turns) * flops(loop.body());
      }
    }
    return sum;
  }
}
