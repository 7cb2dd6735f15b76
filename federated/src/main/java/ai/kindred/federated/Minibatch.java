package ai.kindred.federated;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;

/**
 * Examples of one client that a local step reads. Clients of different sizes run side by side, so a
 * client's last batch may be filled up with rows that do not count.
 *
 * @param examples a tree of tensors, each with a first axis of rows
 * @param weight [rows] float32: 1 for an example, 0 for a row that only fills up
 * @param share [rows] float32: weight divided by the number of examples
 * @param <E> the tree of examples
 */
public record Minibatch<E>(E examples, Tensor weight, Tensor share) {

  /** A batch in which every row is an example. */
  public static <E> Minibatch<E> whole(E examples, int rows) {
    Tensor ones = Tensor.ones(DType.FLOAT32, rows);
    return new Minibatch<>(examples, ones, ones.mul(1.0 / rows));
  }

  /**
   * The mean over the examples, rows that fill up left out.
   *
   * @param perRow [rows], finite in every row
   */
  public Tensor mean(Tensor perRow) {
    return perRow.mul(share.to(perRow.dtype())).sum();
  }
}
