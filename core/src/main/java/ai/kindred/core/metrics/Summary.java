package ai.kindred.core.metrics;

import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/**
 * One sample in a few figures. Percentiles interpolate linearly between order statistics: the p-th
 * lies at position (n - 1) p / 100 of the sorted sample counted from 0 (type 7 of Hyndman and Fan,
 * 1996; the default of R and NumPy).
 *
 * @param count number of values, at least 1
 * @param standardDeviation with denominator count - 1; 0 for one value
 */
public record Summary(
    int count,
    double mean,
    double standardDeviation,
    double minimum,
    double lowerQuartile,
    double median,
    double upperQuartile,
    double maximum) {

  /** The summary of a sample of at least one finite value. */
  public static Summary of(double[] values) {
    Samples.check(values, "a summary");
    DescriptiveStatistics statistics = new DescriptiveStatistics(values);
    return new Summary(
        values.length,
        statistics.getMean(),
        statistics.getStandardDeviation(),
        statistics.getMin(),
        percentile(values, 25),
        percentile(values, 50),
        percentile(values, 75),
        statistics.getMax());
  }

  /**
   * The p-th percentile of a sample of at least one finite value.
   *
   * @param p 0 to 100
   */
  public static double percentile(double[] values, double p) {
    Samples.check(values, "a percentile");
    if (!(p >= 0 && p <= 100)) {
      throw new IllegalArgumentException("a percentile lies between 0 and 100, not " + p);
    }
    // Commons Math takes p above 0 only; at the smallest p the interpolation gives the minimum.
    return new Percentile()
        .withEstimationType(EstimationType.R_7)
        .evaluate(values, Math.max(p, Double.MIN_VALUE));
  }
}
