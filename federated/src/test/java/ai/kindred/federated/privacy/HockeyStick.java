package ai.kindred.federated.privacy;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/** Exact divergences in closed form, for tests: delta at an epsilon. */
final class HockeyStick {

  private HockeyStick() {}

  /** Of the Gaussian mechanism (Balle and Wang 2018, arXiv:1805.06530, theorem 8). */
  static double gaussian(double s, double epsilon) {
    return normal(1 / (2 * s) - epsilon * s)
        - Math.exp(epsilon + Math.log(normal(-1 / (2 * s) - epsilon * s)));
  }

  /** Of one round of the sampled Gaussian, a user removed; epsilon 0 or more. */
  static double removed(double q, double s, double epsilon) {
    double x = 0.5 + s * s * Math.log((Math.exp(epsilon) - 1 + q) / q);
    double without = normal(-x / s);
    double with = (1 - q) * without + q * normal((1 - x) / s);
    return with - Math.exp(epsilon) * without;
  }

  /** The epsilon of a delta, by bisection. */
  static double epsilon(DoubleUnaryOperator delta, double wanted) {
    double low = 0;
    double high = 1e7;
    if (delta.applyAsDouble(0) <= wanted) {
      return 0;
    }
    for (int i = 0; i < 200; i++) {
      double middle = (low + high) / 2;
      if (delta.applyAsDouble(middle) > wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static double normal(double x) {
    return 0.5 * Erf.erfc(-x / Math.sqrt(2));
  }
}
