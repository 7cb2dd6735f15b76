package ai.kindred.federated;

import ai.kindred.core.kernel.Tensor;

/**
 * Examples of one client that a local step reads. Clients of different sizes run side by side, so a
 * client's last batch may be filled up with rows that do not count.
 *
 * @param examples a tree of tensors, each with a first axis of rows
 * @param weight [rows] float32: 1 for an example, 0 for a row that only fills up
 * @param <E> the tree of examples
 */
public record Minibatch<E>(E examples, Tensor weight) {

  /**
   * The mean over the examples, rows that fill up left out.
   *
   * @param perRow [rows], finite in every row
   */
  public Tensor mean(Tensor perRow) {
    return perRow.mul(weight.to(perRow.dtype())).sum().div(count().to(perRow.dtype()));
  }

  /** Number of examples, at least 1, a float32 tensor without axes. */
  public Tensor count() {
    return weight.sum().clamp(1.0, null);
  }
}
