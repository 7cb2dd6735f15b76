package ai.kindred.federated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which clients of a round share a native call, and how: side by side on a lane axis, or one after
 * the other. Small models gain from lanes, since an operation costs a few microseconds however
 * little it does; the parameters of large ones should stay in a core's cache. The choice follows
 * from the clients' steps and the model's size, never from threads or timing, so that the same
 * round gives the same bits everywhere.
 */
final class Stacks {

  /** Parameters of all lanes together that still gain from lanes. */
  static final long ELEMENTS = 1 << 18;

  static final int WIDEST = 128;
  static final int NARROWEST = 4;

  /** Clients that follow each other in a call. */
  static final int LONGEST = 8;

  private Stacks() {}

  /**
   * Clients of one call.
   *
   * @param places their places in the cohort, those with most steps first
   * @param stacked side by side, or one after the other
   */
  record Stack(List<Integer> places, boolean stacked) {}

  /**
   * The calls of a round.
   *
   * @param steps local steps by place
   * @param elements numbers that the server sends to a client
   */
  static List<Stack> of(int[] steps, long elements, boolean stackable) {
    List<Integer> places =
        IntStream.range(0, steps.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer p) -> -steps[p]))
            .toList();
    long fits = Math.min(WIDEST, ELEMENTS / Math.max(1, elements));
    boolean stacked = stackable && fits >= NARROWEST && steps.length > 1;
    int n = places.size();
    int pieces =
        stacked
            ? Math.max(divideUp(n, (int) fits), n >= 256 ? 8 : n >= 64 ? 4 : n >= 24 ? 2 : 1)
            : Math.max(divideUp(n, LONGEST), Math.min(n, 8));
    List<Stack> stacks = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      int from = (int) ((long) n * i / pieces);
      int to = (int) ((long) n * (i + 1) / pieces);
      stacks.add(new Stack(places.subList(from, to), stacked));
    }
    return stacks;
  }

  private static int divideUp(int n, int by) {
    return (n + by - 1) / by;
  }
}
