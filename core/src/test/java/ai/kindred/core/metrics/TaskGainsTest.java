package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Bootstrap.Groups;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskGainsTest {
  private final Bootstrap bootstrap = Bootstrap.of(Key.of(1));
  private final PairedPermutation permutation = new PairedPermutation(1000, Key.of(2));

  @Test
  void countsExamplesOrTasksTheSame() {
    Map<String, double[]> before = new LinkedHashMap<>();
    before.put("second", new double[] {0, 0, 0, 0});
    before.put("first", new double[] {0.5, 0.5});
    Map<String, double[]> after =
        Map.of("first", new double[] {0.5, 0.5}, "second", new double[] {0.25, 0.5, 0.25, 0.5});
    TaskGains gains = TaskGains.of(before, after, bootstrap, permutation, Groups.FIXED);

    assertThat(gains.tasks().keySet()).containsExactly("second", "first");
    assertThat(gains.byExample().gain().estimate()).isEqualTo(0.25);
    assertThat(gains.byExample().before().estimate()).isCloseTo(1 / 6., within(1e-12));
    assertThat(gains.byTask().gain().estimate()).isEqualTo(0.1875);
    assertThat(gains.byTask().test().difference()).isCloseTo(0.1875, within(1e-12));
    assertThat(gains.byTask().count()).isEqualTo(6);
    // Four differences that are not 0, all of them up: 1 pattern in 16.
    assertThat(gains.byTask().test().greater()).isEqualTo(1 / 16.);
    assertThat(gains.tasks())
        .extractingByKey("second")
        .satisfies(gain -> assertThat(gain.gain().low()).isGreaterThanOrEqualTo(0.25));
  }

  @Test
  void scoresPerTaskAndOverall() {
    Map<String, double[]> scores = new LinkedHashMap<>();
    scores.put("a", new double[] {1, 1, 1});
    scores.put("b", new double[] {0});
    TaskScores table = TaskScores.of(scores, bootstrap, Groups.FIXED);
    assertThat(table.byExample()).isEqualTo(new Interval(0.75, 0.75, 0.75, 0.95));
    assertThat(table.byTask().estimate()).isEqualTo(0.5);
    assertThat(table.tasks().get("a")).isEqualTo(new Interval(1, 1, 1, 0.95));
  }

  @Test
  void refusesTablesThatDoNotPair() {
    double[] two = {0, 1};
    assertThatThrownBy(
            () ->
                TaskGains.of(
                    Map.of("a", two), Map.of("b", two), bootstrap, permutation, Groups.FIXED))
        .hasMessage("gains need the same tasks: before [a], after [b]");
    assertThatThrownBy(
            () ->
                TaskGains.of(
                    Map.of("a", two),
                    Map.of("a", new double[1]),
                    bootstrap,
                    permutation,
                    Groups.FIXED))
        .hasMessage("task a: 2 scores before, 1 after");
  }
}
