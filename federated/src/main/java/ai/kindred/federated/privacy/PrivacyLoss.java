package ai.kindred.federated.privacy;

import java.util.Arrays;
import org.apache.commons.numbers.gamma.ErfDifference;

/**
 * The privacy loss of one {@link SampledGaussian}, rounded to a grid: the distribution of log(dP /
 * dQ) under P, where P is what is seen with the user and Q without ({@link Direction#REMOVE}), or
 * the other way ({@link Direction#ADD}).
 *
 * <p>The rounding is "connect the dots" (Doroshenko et al. 2022, arXiv:2207.04380): the outcomes
 * whose loss lies between two grid points are shared out to the two so that their probabilities
 * under P and under Q both stay. It never understates delta, and of all roundings to this grid that
 * do not it is the tightest.
 */
final class PrivacyLoss {

  /** Who is P: with the user (the user is removed) or without (added). */
  enum Direction {
    REMOVE,
    ADD
  }

  private static final double SQRT_TWO = Math.sqrt(2);

  private final double interval;
  private final long first;
  private final double[] logMass;
  private final double infinite;

  private PrivacyLoss(double interval, long first, double[] logMass, double infinite) {
    this.interval = interval;
    this.first = first;
    this.logMass = logMass;
    this.infinite = infinite;
  }

  /** Number of grid points that {@link #of} would make. */
  static double points(SampledGaussian m, Direction direction, double interval, double logTail) {
    double[] range = range(m, direction, logTail);
    return Math.ceil(range[1] / interval) - Math.floor(range[0] / interval) + 1;
  }

  /**
   * The rounded distribution.
   *
   * @param m rate and noise above 0
   * @param logTail outcomes beyond a probability of exp(-logTail) on each side are rounded up to
   *     infinite loss, or to the lowest point
   */
  static PrivacyLoss of(SampledGaussian m, Direction direction, double interval, double logTail) {
    double q = m.samplingRate();
    double s = m.noiseMultiplier();
    boolean remove = direction == Direction.REMOVE;
    double[] range = range(m, direction, logTail);
    long first = (long) Math.floor(range[0] / interval);
    long last = (long) Math.ceil(range[1] / interval);
    double[] mass = new double[Math.toIntExact(last - first + 1)];
    double from = remove ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    for (int i = 0; i <= mass.length; i++) {
      double loss = (first + i) * interval;
      double to;
      if (i == mass.length) {
        to = remove ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
      } else {
        to = remove ? outcome(q, s, loss) : outcome(q, s, -loss);
      }
      double without = between(from / s, to / s);
      double with = (1 - q) * without + q * between((from - 1) / s, (to - 1) / s);
      double p = remove ? with : without;
      double pQ = remove ? without : with;
      if (i == mass.length) {
        Arrays.setAll(mass, k -> Math.log(mass[k]));
        return new PrivacyLoss(interval, first, mass, p);
      }
      if (i > 0) {
        double lower = (Math.exp(loss) * pQ - p) / Math.expm1(interval);
        lower = lower > 0 ? Math.min(lower, p) : 0; // rounds up where exp overflows
        mass[i - 1] += lower;
        mass[i] += p - lower;
      } else {
        mass[0] = p;
      }
      from = to;
    }
    throw new IllegalStateException("unreachable");
  }

  /** Distance of grid points, in nats. */
  double interval() {
    return interval;
  }

  /** Number of grid points. */
  int size() {
    return logMass.length;
  }

  /** The first grid point's loss, in intervals. */
  long first() {
    return first;
  }

  /** Log probability under P of the i-th grid point. */
  double logMass(int i) {
    return logMass[i];
  }

  /** Probability under P that is counted as infinite loss. */
  double infinite() {
    return infinite;
  }

  /** log E[exp(order * loss)] over the finite losses. */
  double logMoment(double order) {
    double step = order * interval;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logMass.length; i++) {
      largest = Math.max(largest, logMass[i] + i * step);
    }
    double sum = 0;
    for (int i = 0; i < logMass.length; i++) {
      sum += Math.exp(logMass[i] + i * step - largest);
    }
    return largest + Math.log(sum) + first * step;
  }

  double smallest() {
    return first * interval;
  }

  double greatest() {
    return (first + logMass.length - 1) * interval;
  }

  /** Least and greatest loss of the outcomes that are looked at. */
  private static double[] range(SampledGaussian m, Direction direction, double logTail) {
    double s = m.noiseMultiplier();
    double reach = s * Math.sqrt(2 * logTail); // P(N(0, s^2) > reach) < exp(-logTail)
    double low = loss(m.samplingRate(), s, -reach);
    double high = loss(m.samplingRate(), s, 1 + reach);
    return direction == Direction.REMOVE ? new double[] {low, high} : new double[] {-high, -low};
  }

  /** log((1-q) + q exp((2x - 1) / (2 s^2))). */
  private static double loss(double q, double s, double x) {
    double t = (2 * x - 1) / 2 / s / s;
    if (q < 0.5 && t < 700) {
      return Math.log1p(q * Math.expm1(t));
    }
    double without = Math.log1p(-q);
    double with = Math.log(q) + t;
    return Math.max(without, with) + Math.log1p(Math.exp(-Math.abs(without - with)));
  }

  /** The outcome of a loss: the inverse of {@link #loss}; minus infinity where none is so low. */
  private static double outcome(double q, double s, double loss) {
    double t =
        q < 0.5 && loss < 700
            ? Math.log1p(Math.max(-1, Math.expm1(loss) / q))
            : loss - Math.log(q) + Math.log1p(q == 1 ? 0 : Math.max(-1, (q - 1) * Math.exp(-loss)));
    return t * s * s + 0.5;
  }

  /** The standard normal's probability between two points in either order. */
  private static double between(double a, double b) {
    return 0.5 * ErfDifference.value(Math.min(a, b) / SQRT_TWO, Math.max(a, b) / SQRT_TWO);
  }
}
