package ai.kindred.federated.privacy;

import ai.kindred.core.kernel.Key;
import java.util.SplittableRandom;

/**
 * Gaussian noise from keyed streams. Each block of numbers has a stream of its own, so that a
 * vector may be noised in parts, and what is drawn for a number does not depend on how long the
 * vector is.
 *
 * <p>These are simulated noises: the generator is not a cryptographic one, and floating-point
 * numbers leak through their gaps (Mironov 2012). A deployment needs a discrete mechanism.
 */
public final class GaussianNoise {

  private static final int BLOCK = 1 << 14;

  private GaussianNoise() {}

  /**
   * Adds noise to every number.
   *
   * @param sum is written over
   * @param deviation the noise's standard deviation, finite and 0 or more
   * @param key of this noise alone
   */
  public static void add(double[] sum, double deviation, Key key) {
    if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a noise's standard deviation is finite and at least 0, not " + deviation);
    }
    if (deviation == 0) {
      return;
    }
    SplittableRandom random = key.random();
    for (int i = 0; i < sum.length; i++) {
      if (i % BLOCK == 0) {
        random = key.fold(i / BLOCK).random();
      }
      sum[i] += deviation * random.nextGaussian();
    }
  }
}
