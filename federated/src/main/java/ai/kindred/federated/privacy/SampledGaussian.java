package ai.kindred.federated.privacy;

/**
 * The sum over a Poisson sample of users plus Gaussian noise: every user is in the round with
 * probability {@code samplingRate}, independently of all others and of other rounds. Neighbours
 * differ by one user added or removed.
 *
 * <p>With rate 1 it is the plain Gaussian mechanism.
 *
 * @param samplingRate in [0, 1]
 * @param noiseMultiplier the noise's standard deviation over the clipping norm, 0 or more; 0 gives
 *     no privacy
 */
public record SampledGaussian(double samplingRate, double noiseMultiplier) implements Mechanism {

  public SampledGaussian {
    if (!(samplingRate >= 0 && samplingRate <= 1)) {
      throw new IllegalArgumentException(
          "sampling rate "
              + samplingRate
              + " is not in [0, 1]: it is a user's chance to be in a round");
    }
    checkNoise(noiseMultiplier);
  }

  /** The Gaussian mechanism on all users. */
  public static SampledGaussian ofAll(double noiseMultiplier) {
    return new SampledGaussian(1, noiseMultiplier);
  }

  static void checkNoise(double noiseMultiplier) {
    if (!(noiseMultiplier >= 0 && noiseMultiplier < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "noise multiplier "
              + noiseMultiplier
              + " is not a finite number of 0 or more: it is the noise's standard deviation over"
              + " the clipping norm");
    }
  }
}
