package ai.kindred.federated.privacy;

/**
 * The Renyi divergence of the sampled Gaussian mechanism (Mironov, Talwar and Zhang 2019,
 * arXiv:1908.10530): the divergence of order a of (1-q) N(0, s^2) + q N(1, s^2) from N(0, s^2) is
 * log(A) / (a - 1) with
 *
 * <pre>A = E[(1 + U)^a],   U = q (exp((2z - 1) / (2 s^2)) - 1),   z ~ N(0, s^2),   E[U] = 0.</pre>
 *
 * <p>What is summed here is A - 1, of terms that are never negative, so that nothing cancels
 * however small q or large s is. Whole orders: the binomial sum of the paper, less that of s =
 * infinity. Other orders: A - 1 = E[(1 + U)^a - 1 - a U], an integral of a smooth function that the
 * trapezoid rule takes to about 12 digits (the paper's series for them alternates, and near q = 1/2
 * hardly converges).
 */
final class RenyiDivergence {

  /** More points than this are not summed: then convexity between whole orders bounds A. */
  private static final double MOST_POINTS = 1 << 20;

  private static final double LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  private RenyiDivergence() {}

  /** The divergence, in nats; q in [0, 1], s 0 or more, order above 1. */
  static double of(double q, double s, double order) {
    if (q == 0) {
      return 0;
    }
    if (s == 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (q == 1) {
      return order / 2 / s / s;
    }
    return logMoment(q, s, order) / (order - 1);
  }

  /** log A. */
  private static double logMoment(double q, double s, double order) {
    if (order == Math.rint(order)) {
      return log1pExp(logExcessOfWhole(q, s, (int) order));
    }
    double step = Math.min(s / 4, s * s / 2);
    double low = -12 * s;
    double high = Math.max(order, 2) + 12 * s;
    if (!((high - low) / step <= MOST_POINTS)) {
      double below = Math.floor(order);
      double at = below == 1 ? 0 : logMoment(q, s, below);
      return at + (order - below) * (logMoment(q, s, below + 1) - at);
    }
    return log1pExp(logExcess(q, s, order, low, step, (int) ((high - low) / step) + 1));
  }

  /** log(A - 1) = log sum_i C(a, i) q^i (1-q)^(a-i) (exp(i (i-1) / (2 s^2)) - 1). */
  private static double logExcessOfWhole(double q, double s, int order) {
    LogSum sum = new LogSum();
    double logChoose = Math.log(order);
    for (int i = 2; i <= order; i++) {
      logChoose += Math.log((order - i + 1) / (double) i);
      double growth = (double) i * (i - 1) / 2 / s / s;
      sum.add(logChoose + i * Math.log(q) + (order - i) * Math.log1p(-q) + logExpm1(growth));
    }
    return sum.value();
  }

  /** log(A - 1) by the trapezoid rule. */
  private static double logExcess(
      double q, double s, double order, double low, double step, int points) {
    LogSum sum = new LogSum();
    for (int k = 0; k <= points; k++) {
      double z = low + k * step;
      sum.add(-z * z / (2 * s * s) + logGap(q, (2 * z - 1) / 2 / s / s, order));
    }
    return sum.value() + Math.log(step / s) - LOG_SQRT_TWO_PI;
  }

  /** log((1 + u)^a - 1 - a u) with u = q (e^t - 1). */
  private static double logGap(double q, double t, double order) {
    double u = q * Math.expm1(t);
    if (Math.abs(u) * Math.max(1, order) < 0.05) {
      double term = order * (order - 1) / 2 * u * u;
      double gap = term;
      for (int k = 3; k < 14; k++) {
        term *= (order - k + 1) / k * u;
        gap += term;
      }
      return Math.log(gap);
    }
    double log1pU =
        t < 700 ? Math.log1p(u) : t + Math.log(q) + Math.log1p(Math.exp(-t) * (1 - q) / q);
    if (log1pU < 1 && order * log1pU < 30) {
      return Math.log(Math.expm1(order * log1pU) - order * u);
    }
    double uOverPower = Math.exp((1 - order) * log1pU) * -Math.expm1(-log1pU);
    return order * log1pU + Math.log1p(-Math.exp(-order * log1pU) - order * uOverPower);
  }

  private static double logExpm1(double x) {
    return x > 40 ? x : Math.log(Math.expm1(x));
  }

  private static double log1pExp(double x) {
    return x > 40 ? x : Math.log1p(Math.exp(x));
  }

  /** The logarithm of a sum of exponentials, kept relative to the largest. */
  private static final class LogSum {
    private double largest = Double.NEGATIVE_INFINITY;
    private double scaled;

    void add(double logTerm) {
      if (logTerm == Double.NEGATIVE_INFINITY || largest == Double.POSITIVE_INFINITY) {
        return;
      }
      if (logTerm > largest) {
        scaled = scaled * Math.exp(largest - logTerm) + 1;
        largest = logTerm;
      } else {
        scaled += Math.exp(logTerm - largest);
      }
    }

    double value() {
      return largest + Math.log(scaled);
    }
  }
}
