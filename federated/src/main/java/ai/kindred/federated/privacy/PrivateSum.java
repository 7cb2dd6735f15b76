package ai.kindred.federated.privacy;

import ai.kindred.core.kernel.Key;

/**
 * The noisy sum of clipped updates of one round:
 *
 * <pre>sum_i update_i min(1, C / |update_i|) + N(0, (z C)^2)</pre>
 *
 * <p>All users count the same: a weight by examples would have to be bounded too. What is divided
 * by is {@link #expectedCohort()}, not the number who came, which is itself private.
 *
 * <p><b>A larger cohort's noise.</b> Where {@code simulatedCohort} is above the expected one, noise
 * is scaled down by their ratio, so that the mean is as noisy as that of the larger cohort would
 * be. Accuracy is then what the larger cohort would give (or a little less, as fewer updates are
 * averaged), and epsilon has to be told with the larger cohort's sampling rate. <em>The simulated
 * run itself is not that private.</em>
 *
 * @param noiseMultiplier z, of the whole release: updates and, where clipping adapts, bits together
 * @param clipping C and how it moves
 * @param expectedCohort users in a round on average, above 0
 * @param simulatedCohort the expected cohort, or a larger one whose noise is simulated
 */
public record PrivateSum(
    double noiseMultiplier, Clipping clipping, double expectedCohort, double simulatedCohort) {

  public PrivateSum {
    SampledGaussian.checkNoise(noiseMultiplier);
    if (!(expectedCohort > 0 && expectedCohort < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "expected cohort " + expectedCohort + " is not a finite number above 0");
    }
    if (!(simulatedCohort >= expectedCohort && simulatedCohort < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "simulated cohort " + simulatedCohort + " is not " + expectedCohort + " (none) or more");
    }
    if (clipping instanceof Clipping.Adaptive adaptive
        && noiseMultiplier >= 2 * adaptive.countNoise()) {
      throw new IllegalArgumentException(
          "a noise multiplier of "
              + noiseMultiplier
              + " leaves nothing for the updates where the count's noise is "
              + adaptive.countNoise()
              + ": it has to be above half the multiplier");
    }
  }

  /** Without another cohort's noise. */
  public static PrivateSum of(double noiseMultiplier, Clipping clipping, double expectedCohort) {
    return new PrivateSum(noiseMultiplier, clipping, expectedCohort, expectedCohort);
  }

  /**
   * What goes from round to round.
   *
   * @param clipNorm C of the next round, above 0
   */
  public record State(double clipNorm) {}

  /** The state before the first round. */
  public State start() {
    return new State(clipping.initialNorm());
  }

  /**
   * What an update is multiplied by.
   *
   * @param norm the update's length
   * @throws IllegalArgumentException if the length is not finite: such an update must be refused
   */
  public static double factor(State state, double norm) {
    if (!(norm >= 0 && norm < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("an update of length " + norm + " cannot be clipped");
    }
    return norm <= state.clipNorm() ? 1 : state.clipNorm() / norm;
  }

  /**
   * Shortens an update in place.
   *
   * @return whether it was within the bound before: the bit that {@link #next} counts
   * @throws IllegalArgumentException if its length is not finite; it is then left as it was
   */
  public static boolean clip(State state, float[] update) {
    double squares = 0;
    for (float x : update) {
      squares += (double) x * x;
    }
    double factor = factor(state, Math.sqrt(squares));
    if (factor < 1) {
      for (int i = 0; i < update.length; i++) {
        update[i] = (float) (update[i] * factor);
      }
    }
    return factor == 1;
  }

  /** Adds the round's noise to the sum of clipped updates, in place. */
  public void noise(State state, double[] sum, Key round) {
    double deviation = updateNoise() * state.clipNorm() * expectedCohort / simulatedCohort;
    GaussianNoise.add(sum, deviation, round.fold("update noise"));
  }

  /**
   * The state after a round.
   *
   * @param within how many updates were within the bound
   * @param users how many updates there were
   */
  public State next(State state, long within, long users, Key round) {
    if (within < 0 || within > users) {
      throw new IllegalArgumentException(
          within + " of " + users + " updates within the bound: it must be 0 to " + users);
    }
    if (!(clipping instanceof Clipping.Adaptive adaptive)) {
      return state;
    }
    // Bits are counted from their middle, so that a user moves the sum by a half only.
    double[] sum = {within - users / 2.0};
    double deviation = adaptive.countNoise() * expectedCohort / simulatedCohort;
    GaussianNoise.add(sum, deviation, round.fold("count noise"));
    double share = sum[0] / expectedCohort + 0.5;
    return new State(state.clipNorm() * Math.exp(-adaptive.rate() * (share - adaptive.quantile())));
  }

  /**
   * The noise multiplier of the updates alone. With adaptive clipping part of the budget goes to
   * the count (theorem 1 of the paper): (z^-2 - (2 b)^-2)^(-1/2), b the count's noise.
   */
  public double updateNoise() {
    if (!(clipping instanceof Clipping.Adaptive adaptive) || noiseMultiplier == 0) {
      return noiseMultiplier;
    }
    double ratio = noiseMultiplier / (2 * adaptive.countNoise());
    return noiseMultiplier / Math.sqrt(1 - ratio * ratio);
  }

  /**
   * What an accountant counts for a round.
   *
   * @param population users there are; with the simulated cohort, of the population simulated
   */
  public SampledGaussian mechanism(double population) {
    return new SampledGaussian(simulatedCohort / population, noiseMultiplier);
  }
}
