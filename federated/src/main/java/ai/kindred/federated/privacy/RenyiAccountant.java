package ai.kindred.federated.privacy;

import ai.kindred.federated.privacy.PrivacyLedger.SampledRelease;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Accounting by Renyi divergences (Mironov 2017, arXiv:1702.07476): divergences of a fixed set of
 * orders add up over releases, and each order a gives an epsilon (Balle et al. 2020,
 * arXiv:2001.05990, theorem 21; Canonne, Kamath and Steinke 2020, arXiv:2004.00010, proposition
 * 12),
 *
 * <pre>epsilon = D_a + log(1 - 1/a) - (log delta + log a) / (a - 1)</pre>
 *
 * of which the least holds. Where delta exceeds sqrt(1 - exp(-D_a)), which bounds the total
 * variation, epsilon is 0. Quick at any number of rounds; {@link PrivacyLossAccountant} is tighter.
 */
public final class RenyiAccountant implements Accountant {

  private static final double MOST_ORDER = 100_000;

  private final double[] orders;

  /** With the default orders: 1.1 to 10.9 by tenths, 11 to 63, 128, 256, 512, 1024. */
  public RenyiAccountant() {
    this(
        DoubleStream.concat(
                IntStream.rangeClosed(11, 109).mapToDouble(tenths -> tenths / 10.0),
                DoubleStream.concat(
                    IntStream.rangeClosed(11, 63).asDoubleStream(),
                    DoubleStream.of(128, 256, 512, 1024)))
            .toArray());
  }

  /**
   * With orders of one's own. More orders cost time and can only lower epsilon.
   *
   * @param orders each above 1 and at most 100,000
   */
  public RenyiAccountant(double... orders) {
    if (orders.length == 0) {
      throw new IllegalArgumentException("no orders: give at least one above 1");
    }
    for (double order : orders) {
      if (!(order > 1 && order <= MOST_ORDER)) {
        throw new IllegalArgumentException(
            "order " + order + " of a Renyi divergence: it must be above 1 and at most 100000");
      }
    }
    this.orders = orders.clone();
  }

  /**
   * An epsilon and the order that gave it.
   *
   * @param epsilon 0 or more, or infinite
   * @param order the order; where it is the least or the greatest of all, more orders may give less
   */
  public record Bound(double epsilon, double order) {}

  /** The orders. */
  public double[] orders() {
    return orders.clone();
  }

  @Override
  public String name() {
    return "rdp";
  }

  @Override
  public double epsilon(PrivacyLedger ledger, double delta) {
    return bound(ledger, delta).epsilon();
  }

  /** The least epsilon over the orders, with its order. */
  public Bound bound(PrivacyLedger ledger, double delta) {
    Accountant.checkDelta(delta);
    Bound best = new Bound(Double.POSITIVE_INFINITY, orders[0]);
    for (double order : orders) {
      double epsilon = epsilon(order, divergence(ledger, order), delta);
      if (epsilon < best.epsilon()) {
        best = new Bound(epsilon, order);
      }
    }
    return best;
  }

  /**
   * The Renyi divergence of all releases together.
   *
   * @param order above 1
   * @return nats, 0 or more
   */
  public double divergence(PrivacyLedger ledger, double order) {
    double sum = 0;
    for (SampledRelease release : ledger.sampled()) {
      SampledGaussian m = release.mechanism();
      sum += release.times() * RenyiDivergence.of(m.samplingRate(), m.noiseMultiplier(), order);
    }
    return sum;
  }

  private static double epsilon(double order, double divergence, double delta) {
    if (delta * delta > -Math.expm1(-divergence)) {
      return 0;
    }
    double epsilon =
        divergence + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    return Math.max(0, epsilon);
  }

  @Override
  public String toString() {
    return "RenyiAccountant" + Arrays.toString(orders);
  }
}
