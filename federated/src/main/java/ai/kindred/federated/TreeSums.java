package ai.kindred.federated;

import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;

/** Sums and multiples of trees, one native call each. */
final class TreeSums implements AutoCloseable {

  private record Pair(Object left, Object right) {}

  private record Multiple(Object tree, Tensor factor) {}

  private final Kernel<Pair, Object> sum =
      Kernel.of(p -> StackKernel.joined(p.left(), p.right(), Tensor::add));
  private final Kernel<Multiple, Object> multiple =
      Kernel.of(m -> Tree.map(m.tree(), t -> t.mul(m.factor().to(t.dtype()))));

  @SuppressWarnings("unchecked") // A sum has the tree of its terms.
  <R> R add(R left, R right) {
    return (R) sum.call(new Pair(left, right));
  }

  @SuppressWarnings("unchecked") // A multiple has the tree of what is multiplied.
  <R> R multiply(R tree, double factor) {
    return (R)
        multiple.call(new Multiple(tree, Tensor.of(new double[] {factor}).reshape(new long[0])));
  }

  @Override
  public void close() {
    sum.close();
    multiple.close();
  }
}
