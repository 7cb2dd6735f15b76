package ai.kindred.core.data;

/** How much of a task goes into each split. */
public sealed interface SplitSizes {

  /** The numbers for a task of this many instances. */
  Counts of(int instances);

  /**
   * Numbers of instances. Held-out and validation are filled exactly or refused; training gets what
   * is left, up to {@code train}.
   *
   * @param train at most this many, {@link Integer#MAX_VALUE} for all the rest
   */
  record Counts(int train, int validation, int heldOut) implements SplitSizes {

    /** Checks the signs. */
    public Counts {
      if (train < 0 || validation < 0 || heldOut < 0) {
        throw new IllegalArgumentException(
            "split counts are 0 or more: train "
                + train
                + ", validation "
                + validation
                + ", held-out "
                + heldOut);
      }
    }

    @Override
    public Counts of(int instances) {
      return this;
    }
  }

  /** Shares of each task's instances, each rounded down; their sum is at most 1. */
  record Shares(double train, double validation, double heldOut) implements SplitSizes {

    /** Checks that the shares can be cut from one whole. */
    public Shares {
      boolean each = train >= 0 && validation >= 0 && heldOut >= 0;
      if (!each || !(train + validation + heldOut <= 1 + 1e-9)) {
        throw new IllegalArgumentException(
            "split shares are 0 or more and sum to at most 1: train "
                + train
                + ", validation "
                + validation
                + ", held-out "
                + heldOut);
      }
    }

    @Override
    public Counts of(int instances) {
      return new Counts(
          count(train, instances), count(validation, instances), count(heldOut, instances));
    }

    private static int count(double share, int instances) {
      return (int) Math.floor(share * instances + 1e-9);
    }
  }
}
