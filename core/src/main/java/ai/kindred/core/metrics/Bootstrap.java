package ai.kindred.core.metrics;

import ai.kindred.core.kernel.Key;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Percentile bootstrap intervals: the statistic is computed on samples of the same size drawn with
 * replacement, and the middle {@code level} of the results is the interval. B. Efron, "Bootstrap
 * methods: another look at the jackknife", Annals of Statistics 7(1), 1979.
 *
 * <p>An interval of one value, or of equal values, has no width: that says nothing about certainty.
 * Below about twenty examples percentile intervals are too narrow.
 *
 * @param resamples number of samples drawn, 100 to 1,000,000; 2,000 is usual
 * @param level between 0 and 1, usually 0.95
 * @param key the randomness; the same key and data give the same interval
 */
public record Bootstrap(int resamples, double level, Key key) {

  /** What varies when several groups (tasks, users) are pooled. */
  public enum Groups {
    /** The groups are the ones we care about; only their examples could have been others. */
    FIXED,
    /** The groups stand for many like them: groups are drawn first, then examples inside them. */
    SAMPLED
  }

  /** How several groups become one figure. */
  public enum Weighting {
    /** Every example counts the same. */
    BY_EXAMPLE,
    /** Every group's mean counts the same. */
    BY_GROUP
  }

  /** Checks the number of resamples and the level. */
  public Bootstrap {
    if (resamples < 100 || resamples > 1_000_000) {
      throw new IllegalArgumentException(
          "a bootstrap draws 100 to 1,000,000 resamples, not " + resamples);
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("a level lies between 0 and 1, not " + level);
    }
  }

  /** 2,000 resamples at 95 %. */
  public static Bootstrap of(Key key) {
    return new Bootstrap(2000, 0.95, key);
  }

  /** The mean of a sample. */
  public Interval mean(double[] values) {
    return statistic(values, Samples::mean);
  }

  /** Any statistic of a sample; it may reorder the array it is given. */
  public Interval statistic(double[] values, ToDoubleFunction<double[]> statistic) {
    Samples.check(values, "a bootstrap");
    double[] drawn = new double[values.length];
    return interval(
        statistic.applyAsDouble(values.clone()),
        random -> {
          draw(values, drawn, random);
          return statistic.applyAsDouble(drawn);
        });
  }

  /** The mean of after - before, the same example on both sides of each pair. */
  public Interval pairedDifference(double[] before, double[] after) {
    return mean(Samples.differences(before, after));
  }

  /** The mean over several groups, each resampled within itself. */
  public Interval groupedMean(List<double[]> groups, Weighting weighting, Groups kind) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("a grouped mean needs at least one group");
    }
    groups.forEach(group -> Samples.check(group, "a bootstrap"));
    double[] sums = groups.stream().mapToDouble(group -> Arrays.stream(group).sum()).toArray();
    int[] all = new int[groups.size()];
    Arrays.setAll(all, g -> g);
    return interval(
        combine(groups, all, sums, weighting),
        random -> {
          int[] chosen = all.clone();
          double[] drawn = new double[chosen.length];
          for (int k = 0; k < chosen.length; k++) {
            chosen[k] = kind == Groups.SAMPLED ? random.nextInt(chosen.length) : k;
            double[] group = groups.get(chosen[k]);
            for (int i = 0; i < group.length; i++) {
              drawn[k] += group[random.nextInt(group.length)];
            }
          }
          return combine(groups, chosen, drawn, weighting);
        });
  }

  private static double combine(
      List<double[]> groups, int[] chosen, double[] sums, Weighting weighting) {
    double sum = 0;
    long examples = 0;
    for (int k = 0; k < chosen.length; k++) {
      int size = groups.get(chosen[k]).length;
      sum += weighting == Weighting.BY_EXAMPLE ? sums[k] : sums[k] / size;
      examples += size;
    }
    return sum / (weighting == Weighting.BY_EXAMPLE ? examples : chosen.length);
  }

  private Interval interval(double estimate, ToDoubleFunction<SplittableRandom> resample) {
    double[] results = new double[resamples];
    for (int b = 0; b < resamples; b++) {
      results[b] = resample.applyAsDouble(key.fold(b).random());
    }
    double tail = 50 * (1 - level);
    return new Interval(
        estimate,
        Summary.percentile(results, tail),
        Summary.percentile(results, 100 - tail),
        level);
  }

  private static void draw(double[] values, double[] drawn, SplittableRandom random) {
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = values[random.nextInt(values.length)];
    }
  }
}
