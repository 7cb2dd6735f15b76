package ai.kindred.federated.privacy;

/** How long a user's update may be, and how that bound moves. */
public sealed interface Clipping {

  /** The bound of the first round. */
  double initialNorm();

  /**
   * The same bound in every round.
   *
   * @param norm above 0
   */
  record Fixed(double norm) implements Clipping {

    public Fixed {
      requirePositive("clipping norm", norm);
    }

    @Override
    public double initialNorm() {
      return norm;
    }
  }

  /**
   * A bound that follows a quantile of the updates' lengths (Andrew et al. 2021, arXiv:1905.03871).
   * Each user also sends one bit, whether the update was within the bound C; of the bits' noisy
   * share b the next bound is
   *
   * <pre>C = C exp(-rate (b - quantile))</pre>
   *
   * @param initialNorm above 0; too small is made good faster than too large, the paper takes 0.1
   * @param quantile aimed at, in [0, 1]; the paper's choice is 0.5
   * @param rate above 0; the paper's choice is 0.2
   * @param countNoise standard deviation of the noise on the sum of bits, above 0; the paper's
   *     choice is a twentieth of the cohort
   */
  record Adaptive(double initialNorm, double quantile, double rate, double countNoise)
      implements Clipping {

    public Adaptive {
      requirePositive("clipping norm", initialNorm);
      requirePositive("rate of the clipping norm", rate);
      requirePositive("noise of the count", countNoise);
      if (!(quantile >= 0 && quantile <= 1)) {
        throw new IllegalArgumentException("quantile " + quantile + " is not in [0, 1]");
      }
    }

    /** With the paper's choices for a cohort's expected size. */
    public static Adaptive median(double expectedCohort) {
      return new Adaptive(0.1, 0.5, 0.2, expectedCohort / 20);
    }
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " " + value + " is not a finite number above 0");
    }
  }
}
