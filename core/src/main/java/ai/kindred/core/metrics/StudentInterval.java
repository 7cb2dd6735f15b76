package ai.kindred.core.metrics;

import org.apache.commons.math3.distribution.TDistribution;

/**
 * The interval of a mean of few values, such as one a seed: {@code mean +- t s / sqrt n}, where s
 * is the standard deviation and t the quantile of Student's distribution with n - 1 degrees of
 * freedom ("The probable error of a mean", Biometrika 6(1), 1908). Right where values are normal;
 * below about twenty values a percentile {@link Bootstrap} is too narrow.
 */
public final class StudentInterval {

  private StudentInterval() {}

  /**
   * The interval of the mean of a sample. One value alone says nothing about certainty: its
   * interval has no ends.
   *
   * @param values at least one, finite
   * @param level between 0 and 1, usually 0.95
   */
  public static Interval mean(double[] values, double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("a level lies between 0 and 1, not " + level);
    }
    Summary summary = Summary.of(values);
    double mean = summary.mean();
    int n = values.length;
    if (n == 1) {
      return new Interval(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level);
    }
    double t = new TDistribution(n - 1.0).inverseCumulativeProbability(0.5 + level / 2);
    double half = t * summary.standardDeviation() / Math.sqrt(n);
    return new Interval(mean, mean - half, mean + half, level);
  }

  /**
   * The interval of mean after - mean before for two samples that have nothing to do with each
   * other, their deviations unlike (B. L. Welch, Biometrika 34, 1947). A sample of one value counts
   * as known exactly.
   */
  public static Interval difference(double[] before, double[] after, double level) {
    Summary b = Summary.of(before);
    Summary a = Summary.of(after);
    if (b.count() == 1 && a.count() == 1) {
      return mean(new double[] {a.mean() - b.mean()}, level);
    }
    double vb = square(b.standardDeviation()) / b.count();
    double va = square(a.standardDeviation()) / a.count();
    double gain = a.mean() - b.mean();
    double freedom =
        square(vb + va)
            / (square(vb) / Math.max(1, b.count() - 1) + square(va) / Math.max(1, a.count() - 1));
    double t =
        vb + va == 0 ? 0 : new TDistribution(freedom).inverseCumulativeProbability(0.5 + level / 2);
    double half = t * Math.sqrt(vb + va);
    return new Interval(gain, gain - half, gain + half, level);
  }

  private static double square(double x) {
    return x * x;
  }

  /** The interval of the mean of after - before, the same item on both sides of each pair. */
  public static Interval pairedDifference(double[] before, double[] after, double level) {
    return mean(Samples.differences(before, after), level);
  }
}
