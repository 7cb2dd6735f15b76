package ai.kindred.federated;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.Map;

/**
 * The examples of all clients: one pool, and each client's rows in it.
 *
 * @param pool a tree of tensors whose first axes are as long as there are examples; shared by all
 *     clients, never copied
 * @param partition each client's rows
 * @param <E> the tree of examples
 */
public record ClientData<E>(E pool, Partition partition) {

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException where the pool's tensors differ in length or there is no
   *     client
   */
  public ClientData {
    long rows = rows(pool);
    if (partition.clients() < 1) {
      throw new IllegalArgumentException("there are no clients in the partition");
    }
    if (rows > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a pool holds at most " + Integer.MAX_VALUE + " examples, not " + rows);
    }
  }

  /** Number of examples in the pool. */
  public long rows() {
    return rows(pool);
  }

  private static long rows(Object pool) {
    long rows = -1;
    for (Map.Entry<String, Tensor> leaf : Tree.leaves(pool).entrySet()) {
      long[] lengths = leaf.getValue().lengths();
      if (lengths.length == 0) {
        throw new IllegalArgumentException(
            "tensor " + leaf.getKey() + " of the pool has no axis of examples");
      }
      if (rows >= 0 && lengths[0] != rows) {
        throw new IllegalArgumentException(
            "the pool's tensors differ in their number of examples: %s has %d, those before it %d"
                .formatted(leaf.getKey(), lengths[0], rows));
      }
      rows = lengths[0];
    }
    if (rows < 1) {
      throw new IllegalArgumentException("the pool holds no examples");
    }
    return rows;
  }
}
