package ai.kindred.federated.privacy;

/**
 * The sums of DP-FTRL (Kairouz et al. 2021, arXiv:2103.00039): prefix sums over {@code steps}
 * rounds, told through a binary tree in which every complete node carries Gaussian noise of its
 * own. No sampling is assumed; neighbours differ in one user's updates being zero.
 *
 * <p>A tree that is restarted is a new mechanism: note one for each restart that a user may take
 * part in. Within a tree a user adds to at most {@link #squaredSensitivity()} squared clipping
 * norms, so the cost is that of one Gaussian mechanism with the noise divided by its root. Where
 * users take part once a tree that is the number of levels, as in the paper.
 *
 * @param steps rounds in the tree, 1 or more
 * @param noiseMultiplier a node's standard deviation over the clipping norm, 0 or more
 * @param participations how often one user takes part in the tree at most, 1 or more
 * @param separation rounds from one participation of a user to the next at least, 1 or more
 */
public record TreeAggregation(
    long steps, double noiseMultiplier, long participations, long separation) implements Mechanism {

  private static final long MOST_STEPS = 1L << 40;

  public TreeAggregation {
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "a tree of " + steps + " steps: it has 1 to " + MOST_STEPS);
    }
    SampledGaussian.checkNoise(noiseMultiplier);
    if (participations < 1) {
      throw new IllegalArgumentException(
          "a user takes part " + participations + " times in a tree: it must be 1 or more");
    }
    if (separation < 1) {
      throw new IllegalArgumentException(
          "participations " + separation + " rounds apart: it must be 1 or more");
    }
  }

  /** A tree in which every user takes part once. */
  public static TreeAggregation once(long steps, double noiseMultiplier) {
    return new TreeAggregation(steps, noiseMultiplier, 1, steps);
  }

  /**
   * A bound of the squared distance that one user moves the vector of all node sums, in squared
   * clipping norms. Each level is taken at its worst by itself: nodes of 2^h rounds hold at most
   * ceil(2^h / separation) participations, and a sum of squares is largest when as few nodes as
   * possible hold them all.
   */
  public double squaredSensitivity() {
    double sum = 0;
    for (long leaves = 1; leaves <= steps; leaves *= 2) {
      long nodes = steps / leaves;
      long all = Math.min(participations, ceilDivide(nodes * leaves, separation));
      long most = Math.min(all, ceilDivide(leaves, separation));
      double full = Math.floorDiv(all, most);
      double rest = Math.floorMod(all, most);
      sum += full * most * most + rest * rest;
    }
    return sum;
  }

  /** The Gaussian mechanism of equal privacy. */
  public SampledGaussian asGaussian() {
    return SampledGaussian.ofAll(noiseMultiplier / Math.sqrt(squaredSensitivity()));
  }

  private static long ceilDivide(long a, long b) {
    return (a - 1) / b + 1;
  }
}
