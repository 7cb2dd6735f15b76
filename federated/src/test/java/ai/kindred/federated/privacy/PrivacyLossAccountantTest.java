package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.kindred.federated.privacy.ComposedLoss.Term;
import ai.kindred.federated.privacy.PrivacyLoss.Direction;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyLossAccountantTest {

  private final PrivacyLossAccountant accountant = new PrivacyLossAccountant();
  private final PrivacyLossAccountant fine = new PrivacyLossAccountant(1e-6);

  private static PrivacyLedger rounds(double q, double s, long times) {
    return PrivacyLedger.of(new SampledGaussian(q, s), times);
  }

  @Test
  void equalsTheGoldenFile() throws IOException {
    JsonNode rows = GoldenEpsilons.read("pld-epsilon.json").get("rows");
    assertThat(rows).isNotEmpty();
    for (JsonNode row : rows) {
      assertThat(accountant.epsilon(GoldenEpsilons.ledger(row), row.get("delta").asDouble()))
          .as(row.toString())
          .isCloseTo(row.get("epsilon").asDouble(), withinPercentage(0.1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.3, 1, 1e-5", "0.3, 1, 1e-14", "1, 1, 1e-5", "1, 100000, 1e-6", "5, 50, 1e-12",
    "50, 1, 1e-7", "50, 100000, 1e-9", "50, 1, 0.004", "0.1, 1, 0.3", "20, 100000, 1e-100",
  })
  void theUnsampledGaussianIsClosedForm(double s, long times, double delta) {
    double exact =
        HockeyStick.epsilon(e -> HockeyStick.gaussian(s / Math.sqrt((double) times), e), delta);
    if (delta < 1e-20) { // the closed form cancels there: between its first term and the bound
      exact = new RenyiAccountant(orders()).epsilon(rounds(1, s, times), delta);
      assertThat(accountant.epsilon(rounds(1, s, times), delta)).isBetween(exact * 0.98, exact);
      return;
    }
    assertThat(accountant.epsilon(rounds(1, s, times), delta))
        .isCloseTo(exact, within(1e-3 * exact + 1e-6));
  }

  /** Rate 1 - 1e-9 is not joined in closed form but goes through the transform, 10^5 times. */
  @ParameterizedTest
  @CsvSource({"5, 50, 1e-12", "50, 100000, 1e-9", "2, 1000, 1e-6", "100, 100000, 1e-30"})
  void manyRoundsThroughTheTransformEqualOne(double s, long times, double delta) {
    double exact = accountant.epsilon(rounds(1, s, times), delta);
    assertThat(accountant.epsilon(rounds(1 - 1e-9, s, times), delta))
        .isCloseTo(exact, withinPercentage(0.1));
  }

  @ParameterizedTest
  @CsvSource({
    "1e-5, 0.3, 1e-7",
    "1e-3, 0.5, 1e-6",
    "0.01, 1, 1e-5",
    "0.1, 0.3, 1e-10",
    "0.5, 2, 1e-5",
    "0.9, 50, 1e-4",
    "0.01, 1, 1e-13",
  })
  void oneRoundIsClosedForm(double q, double s, double delta) {
    double exact = HockeyStick.epsilon(e -> HockeyStick.removed(q, s, e), delta);
    assertThat(exact).isPositive();
    assertThat(accountant.epsilon(rounds(q, s, 1), delta))
        .isBetween(exact * (1 - 1e-7), exact + 1e-4);
    assertThat(fine.epsilon(rounds(q, s, 1), delta)).isBetween(exact * (1 - 1e-7), exact + 2e-6);
  }

  @Test
  void theTransformEqualsConvolutionByHand() {
    PrivacyLoss a = PrivacyLoss.of(new SampledGaussian(0.2, 1), Direction.REMOVE, 0.02, 50);
    PrivacyLoss b = PrivacyLoss.of(new SampledGaussian(0.7, 2), Direction.REMOVE, 0.02, 50);
    double[] aa = convolved(masses(a), masses(a));
    double[] sum = convolved(convolved(aa, masses(a)), convolved(masses(b), masses(b)));
    long first = 3 * a.first() + 2 * b.first();
    double epsilon =
        HockeyStick.epsilon(
            e -> {
              double delta = 0;
              for (int i = 0; i < sum.length; i++) {
                delta += sum[i] * Math.max(0, -Math.expm1(e - (first + i) * 0.02));
              }
              return delta;
            },
            1e-7);
    assertThat(new ComposedLoss(List.of(new Term(a, 3), new Term(b, 2)), 1e-7).epsilon())
        .isCloseTo(epsilon, within(1e-9));
  }

  private static double[] masses(PrivacyLoss loss) {
    double[] masses = new double[loss.size()];
    Arrays.setAll(masses, i -> Math.exp(loss.logMass(i)));
    return masses;
  }

  private static double[] convolved(double[] a, double[] b) {
    double[] sum = new double[a.length + b.length - 1];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        sum[i + j] += a[i] * b[j];
      }
    }
    return sum;
  }

  @Test
  void roundingKeepsProbabilitiesOfBothSides() {
    for (Direction direction : Direction.values()) {
      PrivacyLoss loss = PrivacyLoss.of(new SampledGaussian(0.03, 0.7), direction, 1e-3, 50);
      assertThat(loss.logMoment(0)).isCloseTo(0, within(1e-13));
      assertThat(loss.logMoment(-1)).isCloseTo(0, within(1e-12));
      assertThat(loss.infinite()).isLessThan(1e-20);
    }
  }

  /** Renyi accounting is an upper bound wherever the grid is not coarse. */
  @Test
  void isTighterThanRenyi() {
    RenyiAccountant renyi = new RenyiAccountant(orders());
    for (double q : new double[] {1e-3, 0.02, 0.9}) {
      for (double s : new double[] {0.3, 3, 20}) {
        double last = 0;
        for (long times : new long[] {1, 300, 100_000}) {
          PrivacyLedger ledger = rounds(q, s, times);
          double epsilon = accountant.epsilon(ledger, 1e-6);
          String label = "q " + q + " s " + s + " T " + times;
          assertThat(epsilon).as(label).isGreaterThanOrEqualTo(last);
          if (!accountant.isCoarseFor(ledger)) {
            assertThat(epsilon).as(label).isLessThan(renyi.epsilon(ledger, 1e-6) * 1.0001 + 1e-4);
          }
          last = epsilon;
        }
      }
    }
  }

  private static double[] orders() {
    double[] orders = new double[120];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = 1 + Math.pow(1.12, i - 50);
    }
    return orders;
  }

  @Test
  void aFinerGridIsTighterWhereTheGridIsCoarse() {
    PrivacyLedger rare = rounds(1e-5, 1, 100_000);
    assertThat(accountant.isCoarseFor(rare)).isTrue();
    assertThat(accountant.isCoarseFor(rounds(0.01, 1, 1000))).isFalse();
    // dp-accounting gives 0.0346106 on a grid of 1e-4 and 0.0164293 on one of 1e-5.
    assertThat(accountant.epsilon(rare, 1e-7)).isCloseTo(0.0346106, withinPercentage(0.1));
    assertThat(new PrivacyLossAccountant(1e-5).epsilon(rare, 1e-7))
        .isCloseTo(0.0164293, withinPercentage(0.1));
    assertThat(fine.epsilon(rare, 1e-7)).isLessThan(0.0164293);
  }

  @Test
  void differentReleasesAddUp() {
    SampledGaussian first = new SampledGaussian(0.01, 1);
    SampledGaussian second = new SampledGaussian(0.1, 3);
    PrivacyLedger mixed =
        PrivacyLedger.of(first, 500).and(second, 100).and(new SampledGaussian(1, 20), 4);
    double epsilon = accountant.epsilon(mixed, 1e-5);
    // dp-accounting 0.6.0, the same three events.
    assertThat(epsilon).isCloseTo(1.9571094062874481, withinPercentage(0.1));
    assertThat(
            accountant.epsilon(
                PrivacyLedger.of(second, 60)
                    .and(first, 500)
                    .and(second, 40)
                    .and(new SampledGaussian(1, 20), 4),
                1e-5))
        .isEqualTo(epsilon);
  }

  @Test
  void nothingReleasedCostsNothingAndNoNoiseHasNoBound() {
    assertThat(accountant.epsilon(PrivacyLedger.empty(), 1e-5)).isZero();
    assertThat(accountant.epsilon(rounds(0.5, 1, 0), 1e-5)).isZero();
    assertThat(accountant.epsilon(rounds(0, 0, 10), 1e-5)).isZero();
    assertThat(accountant.epsilon(rounds(1e-3, 0, 1), 1e-5)).isInfinite();
    assertThat(accountant.epsilon(rounds(1e-3, 1e-200, 1), 1e-5)).isInfinite();
  }

  @Test
  void extremesStayNumbers() {
    for (double q : new double[] {1e-300, 1e-9, 0.5, 1}) {
      for (double s : new double[] {1e-3, 50, 1e300}) {
        for (double delta : new double[] {1e-300, 0.9}) {
          double epsilon = accountant.epsilon(rounds(q, s, 1_000_000), delta);
          assertThat(epsilon).as("q %s, s %s, delta %s", q, s, delta).isNotNaN().isNotNegative();
        }
      }
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new PrivacyLossAccountant(0)).hasMessageContaining("interval 0.0");
    assertThatThrownBy(() -> new PrivacyLossAccountant(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> accountant.epsilon(PrivacyLedger.empty(), 1))
        .hasMessageContaining("delta 1.0", "(0, 1)");
  }
}
