package ai.kindred.core.metrics;

/**
 * Scores of the same examples before and after, and what was gained.
 *
 * @param count number of examples
 * @param before mean score before
 * @param after mean score after
 * @param gain mean of after - before, resampled in pairs
 * @param test whether the gain could be chance
 */
public record PairedGain(
    int count, Interval before, Interval after, Interval gain, PairedPermutation.Result test) {

  /** The gain over one sample of pairs. */
  public static PairedGain of(
      double[] before, double[] after, Bootstrap bootstrap, PairedPermutation permutation) {
    return new PairedGain(
        before.length,
        bootstrap.mean(before),
        bootstrap.mean(after),
        bootstrap.pairedDifference(before, after),
        permutation.test(before, after));
  }
}
