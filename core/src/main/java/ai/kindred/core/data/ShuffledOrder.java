package ai.kindred.core.data;

import ai.kindred.core.kernel.Key;

/**
 * Which example comes at each position when a set is gone through again and again, every time in
 * another order. A pure function of key and position, so a run resumes by knowing where it was.
 *
 * @param size number of examples, at least 1
 * @param key each key gives other orders
 */
public record ShuffledOrder(int size, Key key) {

  /** Checks the size. */
  public ShuffledOrder {
    if (size < 1) {
      throw new IllegalArgumentException("an order of " + size + " examples; give at least 1");
    }
  }

  /** The examples at positions [from, from + count), counted over all rounds. */
  public int[] at(long from, int count) {
    if (from < 0) {
      throw new IllegalArgumentException("position " + from + " is negative");
    }
    int[] examples = new int[count];
    long round = -1;
    KeyedPermutation order = new KeyedPermutation(size, key);
    for (int i = 0; i < count; i++) {
      long position = from + i;
      if (position / size != round) {
        round = position / size;
        order = new KeyedPermutation(size, key.fold(round));
      }
      examples[i] = Math.toIntExact(order.at(position % size));
    }
    return examples;
  }
}
