package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SummaryTest {

  @Test
  void interpolatesAsNumpyDoes() {
    // numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 95, 100])
    double[] values = {50, 15, 40, 20, 35};
    double[] p = {0, 5, 30, 40, 95, 100};
    double[] expected = {15, 16, 23, 29, 48, 50};
    for (int i = 0; i < p.length; i++) {
      assertThat(Summary.percentile(values, p[i])).isCloseTo(expected[i], within(1e-12));
    }
    assertThat(values).as("the sample is left alone").containsExactly(50, 15, 40, 20, 35);
  }

  @Test
  void summarizes() {
    Summary summary = Summary.of(new double[] {1, 2, 3, 4});
    assertThat(summary).isEqualTo(new Summary(4, 2.5, Math.sqrt(5 / 3.), 1, 1.75, 2.5, 3.25, 4));
    assertThat(Summary.of(new double[] {7})).isEqualTo(new Summary(1, 7, 0, 7, 7, 7, 7, 7));
  }

  @Test
  void refusesWhatHasNoPercentile() {
    assertThatThrownBy(() -> Summary.of(new double[0]))
        .hasMessage("a summary needs at least one value, the sample is empty");
    assertThatThrownBy(() -> Summary.percentile(new double[] {1, Double.NaN}, 50))
        .hasMessage("a percentile needs finite values, value 1 is NaN");
    assertThatThrownBy(() -> Summary.percentile(new double[] {1}, 101))
        .hasMessage("a percentile lies between 0 and 100, not 101.0");
  }
}
