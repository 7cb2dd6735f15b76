package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenyiAccountantTest {

  private final RenyiAccountant accountant = new RenyiAccountant();

  private static PrivacyLedger rounds(double q, double s, long times) {
    return PrivacyLedger.of(new SampledGaussian(q, s), times);
  }

  @Test
  void equalsTheGoldenFile() throws IOException {
    JsonNode golden = GoldenEpsilons.read("rdp-epsilon.json");
    double[] orders = new double[golden.get("orders").size()];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = golden.get("orders").get(i).asDouble();
    }
    assertThat(golden.get("rows")).isNotEmpty();
    for (JsonNode row : golden.get("rows")) {
      RenyiAccountant.Bound bound =
          new RenyiAccountant(orders)
              .bound(GoldenEpsilons.ledger(row), row.get("delta").asDouble());
      assertThat(bound.epsilon())
          .as(row.toString())
          .isCloseTo(row.get("epsilon").asDouble(), withinPercentage(0.1));
      assertThat(bound.order()).as(row.toString()).isEqualTo(row.get("order").asDouble());
    }
  }

  /** By numerical integration with 40 digits (mpmath), orders whole and not, q and s extreme. */
  @ParameterizedTest
  @CsvSource({
    "1.0e-5, 50.0, 1.1, 2.20044005074834e-14",
    "1.0e-5, 50.0, 32.0, 6.40128093908578e-13",
    "1.0e-9, 1.0, 2.5, 2.14785228847603e-18",
    "0.01, 1.0, 7.8, 0.000847566138562662",
    "0.01, 0.3, 3.3, 11.7259152415266",
    "0.5, 0.3, 1.5, 6.29074308920499",
    "0.5, 50.0, 1.1, 5.50032998405184e-5",
    "0.5, 50.0, 10.9, 0.000545567350719659",
    "0.9, 2.0, 4.4, 0.475021449872215",
    "0.001, 1.1, 16.0, 1.13987582476463e-5",
    "0.999, 0.5, 2.2, 4.39818085630591",
    "0.3, 5.0, 1024.0, 19.274850291662",
    "0.01, 4.0, 63.5, 0.000213453064564374",
    "0.001, 0.1, 1.7, 68.2240228939005",
  })
  void equalsTheIntegral(double q, double s, double order, double divergence) {
    assertThat(accountant.divergence(rounds(q, s, 1), order))
        .isCloseTo(divergence, withinPercentage(1e-8));
  }

  @Test
  void divergenceGrowsWithTheOrderAlsoBetweenWholeOrders() {
    for (double q : new double[] {1e-5, 0.01, 0.5, 0.999}) {
      for (double s : new double[] {0.01, 0.3, 1, 50}) {
        double last = 0;
        for (double order = 1.25; order < 12; order += 0.25) {
          double divergence = accountant.divergence(rounds(q, s, 1), order);
          assertThat(divergence).as("q %s, s %s, order %s", q, s, order).isGreaterThan(last);
          last = divergence;
        }
      }
    }
  }

  @Test
  void theUnsampledGaussianIsClosedForm() {
    assertThat(accountant.divergence(rounds(1, 2, 7), 3.5)).isEqualTo(7 * 3.5 / 8);
    // Nearly unsampled comes close to it.
    assertThat(accountant.divergence(rounds(1 - 1e-12, 2, 7), 3.5))
        .isCloseTo(7 * 3.5 / 8, within(1e-9));
  }

  @Test
  void releasesAddUp() {
    PrivacyLedger both = rounds(0.01, 1, 100).and(new SampledGaussian(0.1, 4), 50);
    for (double order : accountant.orders()) {
      assertThat(accountant.divergence(both, order))
          .isCloseTo(
              accountant.divergence(rounds(0.01, 1, 100), order)
                  + accountant.divergence(rounds(0.1, 4, 50), order),
              withinPercentage(1e-10));
    }
    assertThat(accountant.epsilon(both, 1e-5))
        .isGreaterThan(accountant.epsilon(rounds(0.01, 1, 100), 1e-5));
  }

  @Test
  void nothingReleasedCostsNothing() {
    assertThat(accountant.epsilon(PrivacyLedger.empty(), 1e-5)).isZero();
    assertThat(accountant.epsilon(rounds(0.5, 1, 0), 1e-5)).isZero();
    assertThat(accountant.epsilon(rounds(0, 0, 10), 1e-5)).isZero();
  }

  @Test
  void noNoiseHasNoBound() {
    assertThat(accountant.epsilon(rounds(1e-3, 0, 1), 1e-5)).isInfinite();
    assertThat(accountant.epsilon(rounds(1e-3, 1e-200, 1), 1e-5)).isInfinite();
  }

  @Test
  void extremesStayNumbers() {
    for (double q : new double[] {1e-300, 1e-9, 0.5, 1}) {
      for (double s : new double[] {1e-4, 0.3, 50, 1e8, 1e300}) {
        double epsilon = accountant.epsilon(rounds(q, s, 1_000_000_000_000L), 1e-5);
        assertThat(epsilon).as("q %s, s %s", q, s).isNotNaN().isNotNegative();
      }
    }
    assertThat(accountant.epsilon(rounds(1e-9, 1e8, 100_000), 1e-5)).isZero();
  }

  @Test
  void theDefaultOrders() {
    double[] orders = accountant.orders();
    assertThat(orders).hasSize(99 + 53 + 4).contains(1.1, 10.9, 11, 63, 128, 1024).isSorted();
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new RenyiAccountant(2, 1))
        .hasMessageContaining("order 1.0", "above 1");
    assertThatThrownBy(() -> new RenyiAccountant(Double.NaN)).hasMessageContaining("order NaN");
    assertThatThrownBy(() -> new RenyiAccountant(new double[0])).hasMessageContaining("no orders");
    for (double delta : List.of(0.0, 1.0, -1e-5, Double.NaN)) {
      assertThatThrownBy(() -> accountant.epsilon(PrivacyLedger.empty(), delta))
          .hasMessageContaining("delta " + delta, "(0, 1)");
    }
    assertThatThrownBy(() -> rounds(1.01, 1, 1)).hasMessageContaining("1.01", "[0, 1]");
    assertThatThrownBy(() -> rounds(Double.NaN, 1, 1)).hasMessageContaining("NaN", "[0, 1]");
    assertThatThrownBy(() -> rounds(0.5, -1, 1)).hasMessageContaining("-1.0", "0 or more");
    assertThatThrownBy(() -> rounds(0.5, Double.NaN, 1)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> rounds(0.5, 1, -1)).hasMessageContaining("-1 rounds", "0 to");
  }
}
