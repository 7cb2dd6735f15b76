package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RopeTest {
  @Test
  void frequenciesAreAGeometricSeries() {
    double[] frequencies = Rope.of(10_000).frequencies(8);
    assertThat(frequencies).containsExactly(new double[] {1, 0.1, 0.01, 0.001}, within(1e-15));
  }

  @Test
  void linearScalingDividesAll() {
    Rope rope = new Rope(10_000, new Rope.Scaling.Linear(4));
    assertThat(rope.frequencies(4)).containsExactly(new double[] {0.25, 0.0025}, within(1e-15));
  }

  @Test
  void llama3KeepsFastFrequenciesDividesSlowOnesAndMixesBetween() {
    // Over 64 tokens, frequency 1 turns 10.2 times (kept), 0.1 turns 1.02 (mixed), 0.01 less (cut).
    Rope rope = new Rope(10_000, new Rope.Scaling.Llama3(8, 1, 4, 64));
    double[] frequencies = rope.frequencies(8);
    double turns = 6.4 / (2 * Math.PI);
    double smooth = (turns - 1) / 3;
    assertThat(frequencies)
        .containsExactly(
            new double[] {1, (1 - smooth) * 0.1 / 8 + smooth * 0.1, 0.01 / 8, 0.001 / 8},
            within(1e-15));
  }
}
