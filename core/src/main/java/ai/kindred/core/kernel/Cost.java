package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;

/** Counts the floating-point operations of a trace at the lengths that it was traced with. */
final class Cost {

  private Cost() {}

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
