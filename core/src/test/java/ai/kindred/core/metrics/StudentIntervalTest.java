package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StudentIntervalTest {

  @Test
  void isThatOfTheTables() {
    // Mean 3, s = sqrt 2.5, t(4; 0.975) = 2.776 in any table.
    Interval i = StudentInterval.mean(new double[] {1, 2, 3, 4, 5}, 0.95);
    double half = 2.776445 * Math.sqrt(2.5) / Math.sqrt(5);
    assertThat(i.estimate()).isEqualTo(3);
    assertThat(i.low()).isCloseTo(3 - half, within(1e-5));
    assertThat(i.high()).isCloseTo(3 + half, within(1e-5));
    assertThat(StudentInterval.pairedDifference(new double[] {1, 1}, new double[] {3, 5}, 0.5))
        .isEqualTo(StudentInterval.mean(new double[] {2, 4}, 0.5));
  }

  @Test
  void coversTheTruthAsOftenAsItSays() {
    SplittableRandom random = Key.of(4).fold("coverage").random();
    int covered = 0;
    for (int trial = 0; trial < 4000; trial++) {
      double[] values = random.doubles(10, -1, 1).toArray();
      covered += StudentInterval.mean(values, 0.9).contains(0) ? 1 : 0;
    }
    assertThat(covered / 4000.0).isBetween(0.88, 0.92);
  }

  @Test
  void oneValueHasNoEnds() {
    Interval one = StudentInterval.mean(new double[] {7}, 0.95);
    assertThat(one.low()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(one.high()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> StudentInterval.mean(new double[] {1, 2}, 1))
        .hasMessage("a level lies between 0 and 1, not 1.0");
    assertThatThrownBy(() -> StudentInterval.mean(new double[0], 0.9))
        .hasMessageContaining("empty");
  }
}
