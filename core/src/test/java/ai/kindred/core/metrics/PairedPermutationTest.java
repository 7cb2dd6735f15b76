package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.PairedPermutation.Result;
import java.util.Arrays;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;

class PairedPermutationTest {
  private final PairedPermutation test = new PairedPermutation(20_000, Key.of(9));

  @Test
  void enumeratesSmallSamples() {
    double[] differences = {0.5, -0.25, 0, 1, 0.125, -0.5, 0.75, 0.25, 0};
    int farther = 0;
    int higher = 0;
    for (int pattern = 0; pattern < 1 << 9; pattern++) {
      double sum = 0;
      for (int i = 0; i < 9; i++) {
        sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
      }
      farther += Math.abs(sum) >= 1.875 ? 1 : 0;
      higher += sum >= 1.875 ? 1 : 0;
    }
    Result result = test.test(new double[9], differences);
    assertThat(result)
        .isEqualTo(new Result(1.875 / 9, farther / 512., higher / 512., true, 1 << 7));
  }

  @Test
  void allInOneDirectionIsOnePatternInTwoToTheN() {
    double[] differences = new double[20];
    Arrays.setAll(differences, i -> 0.1 + i);
    Result result = test.test(differences);
    assertThat(result.greater()).isEqualTo(Math.scalb(1.0, -20));
    assertThat(result.twoSided()).isEqualTo(Math.scalb(1.0, -19));
  }

  @Test
  void sampledPatternsApproachTheBinomialTail() {
    double[] differences = new double[130];
    Arrays.setAll(differences, i -> i < 75 ? 0.1 : -0.1);
    Result result = test.test(differences);
    double tail = 1 - new BinomialDistribution(130, 0.5).cumulativeProbability(74);
    assertThat(result.exact()).isFalse();
    assertThat(result.patterns()).isEqualTo(20_001);
    assertThat(result.greater()).isCloseTo(tail, within(0.005));
    assertThat(result.twoSided()).isCloseTo(2 * tail, within(0.007));
    assertThat(test.test(differences)).as("same key, same result").isEqualTo(result);
  }

  @Test
  void noDifferenceIsNoEvidence() {
    assertThat(test.test(new double[40], new double[40])).isEqualTo(new Result(0, 1, 1, true, 1));
  }

  @Test
  void refusesUnusableInput() {
    assertThatThrownBy(() -> test.test(new double[] {Double.POSITIVE_INFINITY}))
        .hasMessage("a permutation test needs finite values, value 0 is Infinity");
    assertThatThrownBy(() -> new PairedPermutation(1, Key.of(0)))
        .hasMessage("a permutation test draws 100 to 10,000,000 patterns, not 1");
  }
}
