package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.kindred.core.kernel.Key;
import ai.kindred.federated.privacy.TreeNoise.Estimator;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TreeNoiseTest {

  private static final Key KEY = Key.of(11);
  private static final int MANY = 40_000;

  private static double variance(double[] x) {
    return Arrays.stream(x).map(v -> v * v).average().orElseThrow();
  }

  /** The total after t rounds has a node for every bit of t, of the variance known for it. */
  @ParameterizedTest
  @EnumSource(Estimator.class)
  void totalsHaveTheVarianceKnown(Estimator estimator) {
    TreeNoise tree = new TreeNoise(MANY, 3, estimator, KEY);
    double[] total = new double[MANY];
    for (int t = 1; t <= 21; t++) {
      tree.addTo(total);
      double expected = 0;
      for (int height = 0; height < 6; height++) {
        if ((t >> height & 1) == 1) {
          // Kairouz et al. 2021, appendix B: from below, 1 / (2 (1 - 2^-k)) with k levels.
          expected +=
              estimator == Estimator.HONEST ? 1 : 1 / (2 * (1 - Math.pow(2, -(height + 1))));
        }
      }
      assertThat(variance(total)).as("round %s", t).isCloseTo(9 * expected, withinPercentage(4));
    }
  }

  @Test
  void totalsThatShareANodeShareItsNoise() {
    TreeNoise tree = new TreeNoise(MANY, 1, Estimator.HONEST, KEY);
    double[] total = new double[MANY];
    for (int t = 0; t < 4; t++) {
      tree.addTo(total);
    }
    double[] afterFour = total.clone();
    tree.addTo(total);
    double shared = 0;
    for (int i = 0; i < MANY; i++) {
      shared += afterFour[i] * total[i] / MANY;
    }
    assertThat(shared).isCloseTo(1, within(0.04));
    for (int t = 5; t < 8; t++) {
      tree.addTo(total);
    }
    double none = 0;
    for (int i = 0; i < MANY; i++) {
      none += afterFour[i] * total[i] / MANY;
    }
    assertThat(none).isCloseTo(0, within(0.04));
  }

  @ParameterizedTest
  @EnumSource(Estimator.class)
  void aResumedTreeGoesOnToTheSameBits(Estimator estimator) {
    TreeNoise straight = new TreeNoise(50, 2, estimator, KEY);
    TreeNoise first = new TreeNoise(50, 2, estimator, KEY);
    for (int t = 0; t < 30; t++) {
      double[] a = new double[50];
      double[] b = new double[50];
      straight.addTo(a);
      TreeNoise resumed = new TreeNoise(50, 2, estimator, KEY, first.state());
      resumed.addTo(b);
      assertThat(b).isEqualTo(a);
      first = resumed;
    }
  }

  @Test
  void sumsKeepTheirValuesUnderTheNoise() {
    TreeNoise tree = new TreeNoise(2, 0, Estimator.EFFICIENT, KEY);
    double[] sum = {4, -1};
    tree.addTo(sum);
    assertThat(sum).containsExactly(4, -1);
  }

  @Test
  void nonsenseIsRefused() {
    TreeNoise tree = new TreeNoise(2, 1, Estimator.HONEST, KEY);
    assertThatThrownBy(() -> tree.addTo(new double[3])).hasMessageContaining("3 numbers");
    assertThatThrownBy(() -> new TreeNoise.State(3, List.of(new double[2])))
        .hasMessageContaining("3 rounds does not have 1 open nodes");
    assertThatThrownBy(
            () ->
                new TreeNoise(
                    2, 1, Estimator.HONEST, KEY, new TreeNoise.State(1, List.of(new double[5]))))
        .hasMessageContaining("5 numbers in a tree of 2");
    assertThatThrownBy(() -> new TreeNoise(2, -1, Estimator.HONEST, KEY).addTo(new double[2]))
        .hasMessageContaining("-1.0");
  }
}
