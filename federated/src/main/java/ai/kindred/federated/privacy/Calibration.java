package ai.kindred.federated.privacy;

import java.util.function.DoubleFunction;
import org.apache.commons.math3.analysis.solvers.AllowedSolution;
import org.apache.commons.math3.analysis.solvers.BracketingNthOrderBrentSolver;

/** Finds how much noise a wanted epsilon takes. */
public final class Calibration {

  private static final double LEAST_NOISE = 1.0 / 1024;
  private static final double MOST_NOISE = 1 << 20;

  private Calibration() {}

  /**
   * The least noise multiplier with which Poisson-sampled training stays within epsilon.
   *
   * @param accountant by whose account
   * @param samplingRate in (0, 1]
   * @param rounds 1 or more
   * @param epsilon wanted, above 0
   * @param delta in (0, 1)
   */
  public static double noiseMultiplier(
      Accountant accountant, double samplingRate, long rounds, double epsilon, double delta) {
    return noiseMultiplier(
        accountant,
        noise -> PrivacyLedger.of(new SampledGaussian(samplingRate, noise), rounds),
        epsilon,
        delta);
  }

  /**
   * The least noise multiplier with which a run stays within epsilon, to one part in 10,000; the
   * epsilon of what is returned is never above the one wanted.
   *
   * @param ledger what the run will have released, given its noise multiplier
   * @throws IllegalArgumentException if epsilon or delta is out of range, if the run releases
   *     nothing, or if no noise multiplier up to 2^20 is enough
   */
  public static double noiseMultiplier(
      Accountant accountant, DoubleFunction<PrivacyLedger> ledger, double epsilon, double delta) {
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "target epsilon " + epsilon + " is not a finite number above 0");
    }
    Accountant.checkDelta(delta);
    double high = 1;
    while (accountant.epsilon(ledger.apply(high), delta) > epsilon) {
      high *= 2;
      if (high > MOST_NOISE) {
        throw new IllegalArgumentException(
            "no noise multiplier up to " + MOST_NOISE + " gives epsilon " + epsilon);
      }
    }
    double low = high / 2;
    while (accountant.epsilon(ledger.apply(low), delta) <= epsilon) {
      high = low;
      low /= 2;
      if (low < LEAST_NOISE) {
        throw new IllegalArgumentException(
            "epsilon "
                + epsilon
                + " needs no noise multiplier above "
                + LEAST_NOISE
                + ": is anything released?");
      }
    }
    double log =
        new BracketingNthOrderBrentSolver(1e-4, 5)
            .solve(
                100,
                x -> accountant.epsilon(ledger.apply(Math.exp(x)), delta) - epsilon,
                Math.log(low),
                Math.log(high),
                AllowedSolution.BELOW_SIDE);
    return Math.exp(log);
  }
}
