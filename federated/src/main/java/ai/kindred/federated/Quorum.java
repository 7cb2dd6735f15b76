package ai.kindred.federated;

/**
 * When a round ends on the virtual clock: when as many answers are in as are wanted, or at the
 * deadline. Later answers are thrown away.
 *
 * @param wanted answers that end the round
 * @param deadline virtual seconds, may be infinite
 */
public record Quorum(int wanted, double deadline) {

  /** Every answer that comes at all. */
  public static final Quorum ALL = new Quorum(Integer.MAX_VALUE, Double.POSITIVE_INFINITY);

  /** Checks the ranges. */
  public Quorum {
    if (wanted < 1 || !(deadline > 0)) {
      throw new IllegalArgumentException(
          "a quorum is at least 1 answer within a positive time, not %d within %s"
              .formatted(wanted, deadline));
    }
  }
}
