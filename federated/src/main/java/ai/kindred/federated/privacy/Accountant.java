package ai.kindred.federated.privacy;

/** Tells how private a training run is, from what it released. */
public interface Accountant {

  /**
   * The smallest epsilon that this accountant can vouch for: all releases together are (epsilon,
   * delta)-differentially private for a user.
   *
   * @param ledger what was released
   * @param delta in (0, 1); it should be well below one over the number of users
   * @return 0 or more; infinite where nothing can be promised, as without noise
   * @throws IllegalArgumentException if delta is out of range
   */
  double epsilon(PrivacyLedger ledger, double delta);

  /** Short name, as in {@code ./kindred epsilon --accountant}. */
  String name();

  /** Refuses a delta out of range. */
  static void checkDelta(double delta) {
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException(
          "delta " + delta + " is not in (0, 1); usual is well below 1 / number of users");
    }
  }
}
