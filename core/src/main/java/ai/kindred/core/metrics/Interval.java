package ai.kindred.core.metrics;

import java.util.Locale;

/**
 * An estimate with its confidence interval.
 *
 * @param estimate the statistic of the data as they are
 * @param low lower end
 * @param high upper end, at least {@code low}
 * @param level the share of such intervals that should cover the truth, between 0 and 1
 */
public record Interval(double estimate, double low, double high, double level) {

  /** Checks the order of the ends and the range of the level. */
  public Interval {
    if (!(low <= high) || Double.isNaN(estimate) || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "not an interval: estimate %s, low %s, high %s, level %s (needs low <= high and a"
                  + " level between 0 and 1)",
              estimate,
              low,
              high,
              level));
    }
  }

  /** Whether a value lies inside, the ends included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** Estimate and ends times a factor above 0, to print shares as points for instance. */
  public Interval times(double factor) {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("an interval scales by a factor above 0, not " + factor);
    }
    return new Interval(estimate * factor, low * factor, high * factor, level);
  }

  /** For instance {@code 0.412 [0.380, 0.447]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", estimate, low, high);
  }
}
