package ai.kindred.federated;

import org.jspecify.annotations.Nullable;

/**
 * What happens to the clients' answers on their way to the server.
 *
 * @param weighting weights of the mean
 * @param clipNorm answers longer than this (over all their tensors together) are shortened to it;
 *     infinite for none
 * @param noise standard deviation of the Gaussian noise that is added to every number of the sum of
 *     clipped answers, in units of {@code clipNorm}; 0 for none
 * @param cohort what the noisy sum is divided by: a number that does not depend on who answered.
 *     Only with noise
 * @param merge what takes the mean's place, or null
 * @param compression what an answer goes through before it is sent, or null
 */
public record Collecting(
    Weighting weighting,
    double clipNorm,
    double noise,
    double cohort,
    @Nullable Merge merge,
    @Nullable Compression compression) {

  /** The mean weighted by examples, nothing else. */
  public static final Collecting MEAN =
      new Collecting(Weighting.EXAMPLES, Double.POSITIVE_INFINITY, 0, 0, null, null);

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException for parts that do not go together
   */
  public Collecting {
    if (!(clipNorm > 0)) {
      throw new IllegalArgumentException("a clipping norm is positive, not " + clipNorm);
    }
    if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("noise is finite and at least 0, not " + noise);
    }
    if (noise > 0 && clipNorm == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "noise of " + noise + " clipping norms needs a clipping norm: give one");
    }
    if (noise > 0 && weighting != Weighting.UNIFORM) {
      throw new IllegalArgumentException(
          "with noise every client counts the same, or a client with many examples is covered less:"
              + " give uniform weighting");
    }
    if (noise > 0 && !(cohort >= 1 && cohort < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "with noise the sum is divided by a fixed cohort of at least 1, not " + cohort);
    }
    if (noise > 0 && compression != null) {
      throw new IllegalArgumentException(
          "noise is accounted for in a sum of clipped answers, and what compression restores may be"
              + " longer than the clipping norm: give one of the two");
    }
    if (noise > 0 && merge != null) {
      throw new IllegalArgumentException(
          "noise is accounted for in a mean, not in a robust merge: give one of the two");
    }
  }

  /** The same with other weights. */
  public Collecting weighted(Weighting by) {
    return new Collecting(by, clipNorm, noise, cohort, merge, compression);
  }

  /** The same with answers shortened to a norm. */
  public Collecting clipped(double norm) {
    return new Collecting(weighting, norm, noise, cohort, merge, compression);
  }

  /**
   * Uniform weights, answers clipped, Gaussian noise: the mean of a differentially private round.
   *
   * @param multiplier standard deviation of the noise on the sum, in clipping norms
   * @param expected cohort that the sum is divided by
   */
  public Collecting privately(double norm, double multiplier, double expected) {
    return new Collecting(Weighting.UNIFORM, norm, multiplier, expected, merge, compression);
  }

  /** The same with answers merged one by one. */
  public Collecting merged(Merge by) {
    return new Collecting(weighting, clipNorm, noise, cohort, by, compression);
  }

  /** The same with answers compressed. */
  public Collecting compressed(Compression by) {
    return new Collecting(weighting, clipNorm, noise, cohort, merge, by);
  }

  /** Whether answers are needed one by one. */
  boolean singly() {
    return merge != null || compression != null;
  }
}
