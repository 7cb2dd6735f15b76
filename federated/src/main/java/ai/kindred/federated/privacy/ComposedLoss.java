package ai.kindred.federated.privacy;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;

/**
 * The sum of independent privacy losses, by Fourier transform (Koskela et al. 2020,
 * arXiv:1906.03049), looked at where it decides delta.
 *
 * <p>A transform's rounding errors are relative to the largest probability, while delta lives in a
 * tail that is a million or a trillion times smaller. So the losses are tilted first: each
 * probability is multiplied by exp(t loss) and the sum of all is made 1 again, with t such that the
 * tilted sum has its bulk where the Chernoff bound of delta is. Tilting goes through convolution
 * unharmed and is undone after it; the result has small errors relative to delta itself.
 */
final class ComposedLoss {

  /** A loss and how many independent copies of it are added. */
  record Term(PrivacyLoss loss, long times) {}

  /** Probability, in the tilted sum, of lying beyond the window on one side: e^-32. */
  private static final double LOG_OUTSIDE = 32;

  private final List<Term> terms;
  private final double interval;
  private final double delta;
  private final double tilt;
  private final double logMoment;
  private final double low;
  private final double high;

  /**
   * Plans the sum.
   *
   * @param terms on one grid
   * @param delta the delta that will be asked for
   */
  ComposedLoss(List<Term> terms, double delta) {
    this.terms = terms;
    this.delta = delta;
    interval = terms.get(0).loss().interval();
    double most = 10 / interval;
    tilt = argMin(t -> (logMoment(t) - Math.log(delta)) / t, most);
    logMoment = logMoment(tilt);
    DoubleUnaryOperator above = t -> (logMoment(tilt + t) - logMoment + LOG_OUTSIDE) / t;
    DoubleUnaryOperator below = t -> (logMoment(tilt - t) - logMoment + LOG_OUTSIDE) / t;
    double greatest = 0;
    double smallest = 0;
    for (Term term : terms) {
      greatest += term.times() * term.loss().greatest();
      smallest += term.times() * term.loss().smallest();
    }
    high = Math.min(greatest, above.applyAsDouble(argMin(above, most)));
    low = Math.max(smallest, -below.applyAsDouble(argMin(below, most)));
  }

  /** Grid points in the window. */
  double points() {
    return Math.ceil(high / interval) - Math.floor(low / interval) + 1;
  }

  /** The least epsilon whose delta is not above the one given. */
  double epsilon() {
    long lowest = (long) Math.floor(low / interval);
    long highest = (long) Math.ceil(high / interval);
    int size = Math.max(2, Integer.highestOneBit((int) (highest - lowest)) * 2);
    double[] tilted = tiltedSum(size);
    long offset = terms.stream().mapToLong(t -> t.times() * t.loss().first()).sum();

    // From above: over = delta at the loss reached, weight = e^loss Q(loss or more).
    double over = infinite();
    double weight = 0;
    double shrink = Math.exp(-interval);
    double loses = -Math.expm1(-interval);
    for (long i = highest; i >= Math.max(0, lowest); i--) {
      over += weight * loses;
      weight *= shrink;
      if (over > delta) {
        return i == highest
            ? Double.POSITIVE_INFINITY
            : Math.max(0, i * interval + Math.log1p((over - delta) / weight));
      }
      double p = Math.max(0, tilted[(int) Math.floorMod(i - offset, (long) size)]);
      weight += p * Math.exp(logMoment - tilt * i * interval);
    }
    return Math.max(0, lowest * interval);
  }

  /** Probability of an infinite loss, with what lies above the window. */
  private double infinite() {
    double logFinite = 0;
    for (Term term : terms) {
      logFinite += term.times() * Math.log1p(-term.loss().infinite());
    }
    return -Math.expm1(logFinite) + Math.exp(logMoment - tilt * high - LOG_OUTSIDE);
  }

  /** Probabilities of the tilted sum, at places modulo {@code size} counted from the least sum. */
  private double[] tiltedSum(int size) {
    double[] logModulus = new double[size];
    double[] angle = new double[size];
    for (Term term : terms) {
      double[][] z = {new double[size], new double[size]};
      PrivacyLoss one = term.loss();
      double log = one.logMoment(tilt);
      for (int i = 0; i < one.size(); i++) {
        double loss = (one.first() + i) * interval;
        z[0][i % size] += Math.exp(one.logMass(i) + tilt * loss - log);
      }
      FastFourierTransformer.transformInPlace(z, DftNormalization.STANDARD, TransformType.FORWARD);
      for (int k = 0; k < size; k++) {
        logModulus[k] += term.times() * Math.log(Math.hypot(z[0][k], z[1][k]));
        angle[k] += term.times() * Math.atan2(z[1][k], z[0][k]);
      }
    }
    for (int k = 0; k < size; k++) {
      double modulus = Math.exp(logModulus[k]);
      logModulus[k] = modulus * Math.cos(angle[k]);
      angle[k] = modulus * Math.sin(angle[k]);
    }
    FastFourierTransformer.transformInPlace(
        new double[][] {logModulus, angle}, DftNormalization.STANDARD, TransformType.INVERSE);
    return logModulus;
  }

  private double logMoment(double order) {
    double sum = 0;
    for (Term term : terms) {
      sum += term.times() * term.loss().logMoment(order);
    }
    return sum;
  }

  /** Where a function with one dip over (0, most) is least, looked for on a logarithmic scale. */
  private static double argMin(DoubleUnaryOperator f, double most) {
    double found =
        new BrentOptimizer(1e-3, 1e-3)
            .optimize(
                GoalType.MINIMIZE,
                new UnivariateObjectiveFunction(log -> f.applyAsDouble(Math.exp(log))),
                new SearchInterval(Math.log(1e-9), Math.log(most)),
                new MaxEval(200))
            .getPoint();
    return Math.exp(found);
  }
}
