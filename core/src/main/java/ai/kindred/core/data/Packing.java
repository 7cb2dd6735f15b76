package ai.kindred.core.data;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which examples share a batch. */
public sealed interface Packing {

  /** How many consecutive examples are arranged together. */
  int window();

  /**
   * Arranges a window into batches.
   *
   * @param lengths positions that each example takes
   * @param key the randomness
   * @return indices into {@code lengths}, each once
   */
  List<int[]> arrange(int[] lengths, Key key);

  /**
   * The same number of examples in every batch, in the order they come.
   *
   * @param examples at least 1
   */
  record FixedExamples(int examples) implements Packing {

    /** Checks the number. */
    public FixedExamples {
      if (examples < 1) {
        throw new IllegalArgumentException("a batch has 1 or more examples, not " + examples);
      }
    }

    @Override
    public int window() {
      return examples;
    }

    @Override
    public List<int[]> arrange(int[] lengths, Key key) {
      return List.of(IntStream.range(0, lengths.length).toArray());
    }
  }

  /**
   * As many examples as fit into a number of tokens. Within a window the examples are sorted by
   * length, so those of a batch are alike, cut greedily, and the batches shuffled. Steps then cost
   * about the same and never more than the budget.
   *
   * @param tokens positions in a batch, at most; no example may be longer
   * @param window examples sorted together: the larger, the more alike within a batch and the
   *     farther from random order; 1 to 1,000,000
   */
  record TokenBudget(int tokens, int window) implements Packing {

    /** Checks budget and window. */
    public TokenBudget {
      if (tokens < 1 || window < 1 || window > 1_000_000) {
        throw new IllegalArgumentException(
            "a token budget is 1 or more and a window 1 to 1,000,000 examples: tokens "
                + tokens
                + ", window "
                + window);
      }
    }

    @Override
    public List<int[]> arrange(int[] lengths, Key key) {
      int[] sorted =
          IntStream.range(0, lengths.length)
              .boxed()
              .sorted(Comparator.comparingInt(i -> lengths[i]))
              .mapToInt(i -> i)
              .toArray();
      List<int[]> batches = new ArrayList<>();
      int start = 0;
      long filled = 0;
      for (int i = 0; i < sorted.length; i++) {
        int length = lengths[sorted[i]];
        if (length > tokens) {
          throw new IllegalArgumentException(
              "an example of " + length + " tokens does not fit a budget of " + tokens);
        }
        if (filled + length > tokens) {
          batches.add(Arrays.copyOfRange(sorted, start, i));
          start = i;
          filled = 0;
        }
        filled += length;
      }
      if (start < sorted.length) {
        batches.add(Arrays.copyOfRange(sorted, start, sorted.length));
      }
      return shuffle(batches, key);
    }

    private static List<int[]> shuffle(List<int[]> batches, Key key) {
      if (batches.isEmpty()) {
        return batches;
      }
      KeyedPermutation order = new KeyedPermutation(batches.size(), key);
      return IntStream.range(0, batches.size())
          .mapToObj(i -> batches.get((int) order.at(i)))
          .toList();
    }
  }
}
