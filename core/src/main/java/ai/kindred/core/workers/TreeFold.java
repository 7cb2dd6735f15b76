package ai.kindred.core.workers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Folds n results, which may arrive in any order and from any thread, through one fixed balanced
 * tree: the left subtree of m > 1 leaves holds the largest power of two below m.
 *
 * <pre>
 * n = 7:   ((0 1) (2 3)) ((4 5) 6)
 * </pre>
 *
 * <p>A merge happens as soon as its two sides are there, on the thread that brought the second one;
 * results that arrive in order leave at most log2(n) + 1 alive. The rounding error of a sum grows
 * with log n instead of n (Higham, "The accuracy of floating point summation", 1993).
 *
 * @param <R> the type of a result
 */
public final class TreeFold<R> {
  private final int leaves;
  private final BinaryOperator<R> merge;

  /** Results without their sibling, by their first leaf. */
  private final Map<Integer, Node<R>> waiting = new HashMap<>();

  private record Node<R>(int level, R value) {}

  /**
   * A fold of {@code leaves} results.
   *
   * @param leaves at least 1
   * @param merge joins two neighbouring results, the earlier one first
   */
  public TreeFold(int leaves, BinaryOperator<R> merge) {
    if (leaves < 1) {
      throw new IllegalArgumentException("nothing to fold: " + leaves + " items; give at least 1");
    }
    this.leaves = leaves;
    this.merge = merge;
  }

  /** The fold of a list. */
  public static <R> R of(List<R> results, BinaryOperator<R> merge) {
    TreeFold<R> fold = new TreeFold<>(results.size(), merge);
    for (int i = 0; i < results.size(); i++) {
      fold.add(i, results.get(i));
    }
    return fold.result();
  }

  /**
   * Brings the result of a leaf; each leaf comes once.
   *
   * @param leaf 0 to leaves - 1
   * @throws WorkException if a merge fails; its index is the last leaf under that merge
   */
  public void add(int leaf, R result) {
    if (leaf < 0 || leaf >= leaves) {
      throw new IllegalArgumentException("leaf " + leaf + " is not in [0, " + leaves + ")");
    }
    int first = leaf;
    int level = 0;
    R value = result;
    while (true) {
      Node<R> sibling;
      int siblingFirst;
      synchronized (waiting) {
        // On the right edge a node without a sibling moves up as it is.
        while ((1L << level) < leaves && (first ^ (1 << level)) >= leaves) {
          level++;
        }
        siblingFirst = (1L << level) < leaves ? first ^ (1 << level) : -1;
        Node<R> other = waiting.get(siblingFirst);
        if (other == null || other.level < level) {
          if (waiting.put(first, new Node<>(level, value)) != null) {
            throw new IllegalArgumentException("leaf " + leaf + " came twice");
          }
          return;
        }
        sibling = other;
        waiting.remove(siblingFirst);
      }
      value =
          siblingFirst < first
              ? merged(sibling.value, value, siblingFirst, level)
              : merged(value, sibling.value, first, level);
      first = Math.min(first, siblingFirst);
      level++;
    }
  }

  private R merged(R left, R right, int first, int level) {
    try {
      return merge.apply(left, right);
    } catch (RuntimeException | Error e) {
      int last = (int) Math.min(leaves, first + (2L << level)) - 1;
      throw new WorkException(
          "merging the results of items " + first + " to " + last + ", the last with key",
          last,
          last,
          e);
    }
  }

  /**
   * The fold of all leaves.
   *
   * @throws IllegalStateException if leaves are missing
   */
  public R result() {
    synchronized (waiting) {
      Node<R> root = waiting.get(0);
      if (waiting.size() != 1 || root == null || (1L << root.level) < leaves) {
        throw new IllegalStateException("not all of the " + leaves + " results have come");
      }
      return root.value;
    }
  }

  /** How many results are held, waiting for their sibling. */
  int held() {
    synchronized (waiting) {
      return waiting.size();
    }
  }
}
