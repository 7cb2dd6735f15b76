package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.metrics.Summary;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of a mean over trainings and held-out instances, where every training answers the same
 * instances: trainings (seeds) and, within each task, instances are drawn anew independently of
 * each other. A. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1(2), 2007.
 *
 * <p>The tasks are the ones we care about and are not drawn. From one seed the interval says
 * nothing of how trainings differ; from three it says it roughly.
 *
 * @param resamples samples drawn
 * @param key the randomness
 */
record CrossedBootstrap(int resamples, Key key) {

  private static final double LEVEL = 0.95;

  /** How tasks become one figure. */
  enum Weighting {
    /** Every task's mean counts the same. */
    BY_TASK,
    /** Every instance counts the same, so that a large task counts more. */
    BY_INSTANCE
  }

  static CrossedBootstrap of(Key key) {
    return new CrossedBootstrap(2000, key);
  }

  /**
   * The mean and its interval.
   *
   * @param tasks each [seeds][instances]; every task with as many seeds
   */
  Interval mean(List<double[][]> tasks, Weighting weighting) {
    int seeds = tasks.get(0).length;
    double[] once = new double[seeds];
    Arrays.fill(once, 1.0 / seeds);
    double[] means = new double[resamples];
    for (int b = 0; b < resamples; b++) {
      means[b] = resample(tasks, seeds, weighting, key.fold(b).random());
    }
    double tail = 50 * (1 - LEVEL);
    return new Interval(
        combine(tasks, once, null, weighting),
        Summary.percentile(means, tail),
        Summary.percentile(means, 100 - tail),
        LEVEL);
  }

  private static double resample(
      List<double[][]> tasks, int seeds, Weighting weighting, SplittableRandom random) {
    double[] share = new double[seeds];
    for (int s = 0; s < seeds; s++) {
      share[random.nextInt(seeds)] += 1.0 / seeds;
    }
    return combine(tasks, share, random, weighting);
  }

  /** The mean, of instances drawn where there is something to draw by. */
  private static double combine(
      List<double[][]> tasks,
      double[] share,
      @Nullable SplittableRandom random,
      Weighting weighting) {
    double sum = 0;
    double weights = 0;
    for (double[][] task : tasks) {
      int n = task[0].length;
      double total = 0;
      for (int i = 0; i < n; i++) {
        int drawn = random == null ? i : random.nextInt(n);
        for (int s = 0; s < share.length; s++) {
          total += share[s] * task[s][drawn];
        }
      }
      double weight = weighting == Weighting.BY_INSTANCE ? n : 1;
      sum += weight * total / n;
      weights += weight;
    }
    return sum / weights;
  }
}
