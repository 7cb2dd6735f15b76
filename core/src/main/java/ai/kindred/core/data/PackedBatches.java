package ai.kindred.core.data;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;

/**
 * An order of examples cut into packed batches. Nothing is remembered between calls: a place in the
 * sequence is a {@link Position}, and a run that stops resumes from the position after its last
 * step.
 *
 * <p>An example longer than the context is cut by {@link TokenizedExample#truncate}: the target and
 * the end of the prompt stay. Each step says how many were.
 *
 * @param order the example at each position from 0: a pure function, for instance of {@link
 *     MixedOrder#at}
 * @param packing which examples share a batch
 * @param contextLength longest example in tokens, 1 or more
 * @param key the randomness of the packing
 */
public record PackedBatches(
    LongFunction<TokenizedExample> order, Packing packing, int contextLength, Key key) {

  /** A place in the sequence: a window of the order, and a batch in it. */
  public record Position(long window, int batch) {
    /** The first batch. */
    public static final Position START = new Position(0, 0);
  }

  /**
   * One batch.
   *
   * @param truncated how many of its examples were cut to the context
   * @param next where the sequence goes on
   */
  public record Step(PackedBatch batch, int truncated, Position next) {}

  /** Checks the context length against the packing. */
  public PackedBatches {
    if (contextLength < 1) {
      throw new IllegalArgumentException("a context has 1 or more positions, not " + contextLength);
    }
    if (packing instanceof Packing.TokenBudget budget && budget.tokens() < contextLength) {
      throw new IllegalArgumentException(
          "a token budget of "
              + budget.tokens()
              + " is less than the context of "
              + contextLength
              + ": an example might not fit");
    }
  }

  /** The endless sequence of batches from a position on. */
  public Iterator<Step> from(Position position) {
    return new Iterator<>() {
      private long window = position.window();
      private List<Step> steps = window(window);
      private int next = checked(position.batch());

      private int checked(int batch) {
        if (batch < 0 || batch >= steps.size()) {
          throw new IllegalArgumentException(
              "window " + window + " has " + steps.size() + " batches, there is no batch " + batch);
        }
        return batch;
      }

      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public Step next() {
        if (next == steps.size()) {
          steps = window(++window);
          next = 0;
        }
        return steps.get(next++);
      }
    };
  }

  /** The batches of one window. */
  public List<Step> window(long window) {
    long first = Math.multiplyExact(window, (long) packing.window());
    return window(window, first, packing.window());
  }

  /**
   * One epoch: every example exactly once, in a shuffled order, the last window smaller where it
   * does not come out even.
   *
   * @param key a key of this epoch
   */
  public static List<Step> epoch(
      List<TokenizedExample> examples, Packing packing, int contextLength, Key key) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("an epoch needs at least one example");
    }
    KeyedPermutation shuffled = new KeyedPermutation(examples.size(), key.fold("order"));
    PackedBatches batches =
        new PackedBatches(
            position -> examples.get((int) shuffled.at(position)), packing, contextLength, key);
    List<Step> steps = new ArrayList<>();
    for (long first = 0; first < examples.size(); first += packing.window()) {
      int count = (int) Math.min(packing.window(), examples.size() - first);
      steps.addAll(batches.window(first / packing.window(), first, count));
    }
    return steps;
  }

  private List<Step> window(long window, long first, int count) {
    List<TokenizedExample> whole = new ArrayList<>();
    List<TokenizedExample> fitted = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TokenizedExample example = order.apply(first + i);
      whole.add(example);
      fitted.add(example.truncate(contextLength));
    }
    int[] lengths = fitted.stream().mapToInt(TokenizedExample::length).toArray();
    List<int[]> arranged = packing.arrange(lengths, key.fold("window").fold(window));
    List<Step> steps = new ArrayList<>();
    for (int b = 0; b < arranged.size(); b++) {
      List<TokenizedExample> members = new ArrayList<>();
      int truncated = 0;
      for (int i : arranged.get(b)) {
        members.add(fitted.get(i));
        truncated += fitted.get(i).length() < whole.get(i).length() ? 1 : 0;
      }
      boolean last = b == arranged.size() - 1;
      Position next = last ? new Position(window + 1, 0) : new Position(window, b + 1);
      steps.add(new Step(PackedBatch.of(members), truncated, next));
    }
    return steps;
  }
}
