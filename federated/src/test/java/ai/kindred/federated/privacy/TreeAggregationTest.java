package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TreeAggregationTest {

  @Test
  void onceATreeCostsTheNumberOfLevels() {
    for (int steps = 1; steps < 300; steps++) {
      double levels = Math.ceil(Math.log(steps + 1.0) / Math.log(2));
      assertThat(TreeAggregation.once(steps, 1).squaredSensitivity()).isEqualTo(levels);
    }
    double divergence =
        new RenyiAccountant().divergence(PrivacyLedger.of(TreeAggregation.once(500, 3), 2), 4.5);
    assertThat(divergence).isCloseTo(2 * 4.5 * 9 / (2 * 9), within(1e-12));
  }

  /** Every pattern of participations in small trees. */
  @Test
  void boundsEveryPattern() {
    int met = 0;
    int all = 0;
    for (int steps = 1; steps <= 12; steps++) {
      for (int participations = 1; participations <= 5; participations++) {
        for (int separation = 1; separation <= 5; separation++) {
          double worst = worst(steps, participations, separation);
          double bound =
              new TreeAggregation(steps, 1, participations, separation).squaredSensitivity();
          assertThat(bound)
              .as("%s steps, %s times, %s apart", steps, participations, separation)
              .isBetween(worst, worst * 1.5);
          met += bound == worst ? 1 : 0;
          all++;
        }
      }
    }
    assertThat(met).isGreaterThan(all / 2);
  }

  private static double worst(int steps, int participations, int separation) {
    double worst = 0;
    for (int pattern = 0; pattern < 1 << steps; pattern++) {
      if (Integer.bitCount(pattern) > participations || !apart(pattern, separation)) {
        continue;
      }
      double sum = 0;
      for (int leaves = 1; leaves <= steps; leaves *= 2) {
        for (int node = 0; node < steps / leaves; node++) {
          int inside = Integer.bitCount(pattern >> (node * leaves) & ((1 << leaves) - 1));
          sum += (double) inside * inside;
        }
      }
      worst = Math.max(worst, sum);
    }
    return worst;
  }

  private static boolean apart(int pattern, int separation) {
    for (int by = 1; by < separation; by++) {
      if ((pattern & pattern >> by) != 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void bothAccountantsTakeTrees() {
    PrivacyLedger tree = PrivacyLedger.of(TreeAggregation.once(1023, 8), 1);
    PrivacyLedger gaussian = PrivacyLedger.of(SampledGaussian.ofAll(8 / Math.sqrt(10)), 1);
    assertThat(new RenyiAccountant().epsilon(tree, 1e-6))
        .isEqualTo(new RenyiAccountant().epsilon(gaussian, 1e-6));
    assertThat(new PrivacyLossAccountant().epsilon(tree, 1e-6))
        .isEqualTo(new PrivacyLossAccountant().epsilon(gaussian, 1e-6));
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> TreeAggregation.once(0, 1)).hasMessageContaining("0 steps");
    assertThatThrownBy(() -> TreeAggregation.once(5, -1)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new TreeAggregation(5, 1, 0, 1)).hasMessageContaining("0 times");
    assertThatThrownBy(() -> new TreeAggregation(5, 1, 1, 0))
        .hasMessageContaining("0 rounds apart");
  }
}
