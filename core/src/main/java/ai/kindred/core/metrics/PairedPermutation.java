package ai.kindred.core.metrics;

import ai.kindred.core.kernel.Key;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The paired permutation (sign-flip) test of a mean difference: if before and after were
 * exchangeable, every difference could as well have had the other sign. R. A. Fisher, "The Design
 * of Experiments", 1935.
 *
 * <p>Up to 20 differences that are not 0 all their 2^n sign patterns are enumerated; beyond that
 * {@code samples} patterns are drawn and p = (1 + hits) / (1 + samples), which is valid and never 0
 * (Phipson and Smyth, 2010).
 *
 * @param samples patterns drawn for large samples, 100 to 10,000,000
 * @param key the randomness of the drawn patterns
 */
public record PairedPermutation(int samples, Key key) {
  private static final int ENUMERATED = 20;

  /**
   * What the test found.
   *
   * @param difference mean of after - before
   * @param twoSided probability of a difference at least this far from 0, if there were none
   * @param greater probability of a difference at least this high, if there were none
   * @param exact whether every sign pattern was enumerated
   * @param patterns number of sign patterns looked at
   */
  public record Result(
      double difference, double twoSided, double greater, boolean exact, long patterns) {}

  /** Checks the number of samples. */
  public PairedPermutation {
    if (samples < 100 || samples > 10_000_000) {
      throw new IllegalArgumentException(
          "a permutation test draws 100 to 10,000,000 patterns, not " + samples);
    }
  }

  /** Tests whether the scores after differ from those before on the same examples. */
  public Result test(double[] before, double[] after) {
    return test(Samples.differences(before, after));
  }

  /** Tests whether the mean of these differences is 0. */
  public Result test(double[] differences) {
    Samples.check(differences, "a permutation test");
    // Differences of 0 are the same under both signs: leaving them out changes no probability.
    double[] nonzero = Arrays.stream(differences).filter(d -> d != 0).toArray();
    Count count = nonzero.length <= ENUMERATED ? enumerate(nonzero) : sample(nonzero);
    return new Result(
        Samples.mean(differences),
        count.twoSided(),
        count.greater(),
        nonzero.length <= ENUMERATED,
        count.patterns);
  }

  private static Count enumerate(double[] differences) {
    Count count = new Count(differences);
    double sum = -Arrays.stream(differences).map(Math::abs).sum();
    boolean[] positive = new boolean[differences.length];
    count.add(sum);
    for (int pattern = 1; pattern < 1 << differences.length; pattern++) {
      // Gray code: consecutive patterns differ in one sign.
      int flipped = Integer.numberOfTrailingZeros(pattern);
      positive[flipped] = !positive[flipped];
      double size = 2 * Math.abs(differences[flipped]);
      sum += positive[flipped] ? size : -size;
      count.add(sum);
    }
    return count;
  }

  private Count sample(double[] differences) {
    Count count = new Count(differences);
    count.add(Arrays.stream(differences).sum());
    for (int s = 0; s < samples; s++) {
      SplittableRandom random = key.fold(s).random();
      double sum = 0;
      long signs = 0;
      for (int i = 0; i < differences.length; i++) {
        signs = i % 64 == 0 ? random.nextLong() : signs >>> 1;
        sum += (signs & 1) == 0 ? differences[i] : -differences[i];
      }
      count.add(sum);
    }
    return count;
  }

  private static final class Count {
    private final double observed;
    private final double tolerance;
    private long patterns;
    private long farther;
    private long higher;

    Count(double[] differences) {
      observed = Arrays.stream(differences).sum();
      // Sums that are equal on paper differ by rounding.
      tolerance = 1e-9 * Arrays.stream(differences).map(Math::abs).sum();
    }

    void add(double sum) {
      patterns++;
      farther += Math.abs(sum) >= Math.abs(observed) - tolerance ? 1 : 0;
      higher += sum >= observed - tolerance ? 1 : 0;
    }

    double twoSided() {
      return (double) farther / patterns;
    }

    double greater() {
      return (double) higher / patterns;
    }
  }
}
