package ai.kindred.examples.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import ai.kindred.examples.adapters.CrossedBootstrap.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Figures against sums done by hand, enumerations and closed forms. */
class StatisticsTest {

  private static final Key KEY = Key.of(5);

  private static TrialResult result(
      String method, String part, long seed, Map<String, double[]> scores) {
    return new TrialResult(
        "g",
        method,
        part,
        seed,
        10,
        1e-3,
        List.of(),
        100,
        1.5,
        6,
        0.1,
        scores,
        losses(scores),
        List.of());
  }

  /** Losses of which nothing is said but their differences: minus a hundredth of the scores. */
  private static Map<String, double[]> losses(Map<String, double[]> scores) {
    Map<String, double[]> losses = new LinkedHashMap<>();
    scores.forEach(
        (task, points) -> losses.put(task, Arrays.stream(points).map(p -> -p / 100).toArray()));
    return losses;
  }

  private static Map<String, double[]> scores(double[] first, double[] second) {
    Map<String, double[]> scores = new LinkedHashMap<>();
    scores.put("one", first);
    scores.put("two", second);
    return scores;
  }

  private static Measured measured(String method, List<Map<String, double[]>> bySeed) {
    List<TrialResult> results = new ArrayList<>();
    for (int s = 0; s < bySeed.size(); s++) {
      results.add(result(method, "", s, bySeed.get(s)));
    }
    return Measured.of(results, "g").get(0);
  }

  @Test
  void meansAreOverTasksThenSeeds() {
    Measured m =
        measured(
            "m",
            List.of(
                scores(new double[] {10, 20}, new double[] {60}),
                scores(new double[] {30, 40}, new double[] {80})));
    assertThat(m.mean("one")).isEqualTo(25);
    assertThat(m.bySeed(List.of("one", "two"))).containsExactly(37.5, 57.5);
    CrossedBootstrap bootstrap = CrossedBootstrap.of(KEY);
    assertThat(m.mean(List.of("one", "two"), bootstrap, Weighting.BY_TASK).estimate())
        .isEqualTo(47.5);
    // Instances: (25 * 2 + 70) / 3.
    assertThat(m.mean(List.of("one", "two"), bootstrap, Weighting.BY_INSTANCE).estimate())
        .isCloseTo(40, within(1e-12));
    assertThatThrownBy(() -> m.task("three"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no scores of m on three");
  }

  @Test
  void partsOfOneMethodCountAsOne() {
    List<TrialResult> results = new ArrayList<>();
    for (long seed = 0; seed < 2; seed++) {
      results.add(result("own", "one", seed, Map.of("one", new double[] {10 * seed})));
      results.add(result("own", "two", seed, Map.of("two", new double[] {50})));
    }
    Measured m = Measured.of(results, "g").get(0);
    assertThat(m.parameters()).isEqualTo(200);
    // 100 are 1.5 % of 100 + a model; 200 of 200 + the same model.
    double model = 100 / 0.015 - 100;
    assertThat(m.percent()).isCloseTo(100 * 200 / (200 + model), within(1e-9));
    assertThat(m.seeds()).isEqualTo(2);
    assertThat(m.bySeed(List.of("one", "two"))).containsExactly(25, 30);
  }

  /** Two seeds, one instance: the resampled means are a, (a + b) / 2 and b. */
  @Test
  void seedsAreDrawnAnew() {
    double[][] task = {{0}, {12}};
    Interval mean = CrossedBootstrap.of(KEY).mean(List.<double[][]>of(task), Weighting.BY_TASK);
    assertThat(mean).isEqualTo(new Interval(6, 0, 12, 0.95));
  }

  /** One seed: the interval is about 1.96 standard errors of the mean over instances. */
  @Test
  void instancesAreDrawnAnewAndTheSameForAllSeeds() {
    int n = 400;
    double[] values = Key.of(3).random().doubles(n).toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / n;
    double error = Math.sqrt(variance / n);
    double[][] one = {values};
    double[][] three = {values, values, values};
    for (double[][] task : List.of(one, three)) {
      Interval found = CrossedBootstrap.of(KEY).mean(List.<double[][]>of(task), Weighting.BY_TASK);
      assertThat(found.estimate()).isCloseTo(mean, within(1e-12));
      assertThat(found.low()).isCloseTo(mean - 1.96 * error, within(0.1 * 1.96 * error));
      assertThat(found.high()).isCloseTo(mean + 1.96 * error, within(0.1 * 1.96 * error));
    }
  }

  @Test
  void winsTiesAndLossesAreCounted() {
    List<String> tasks = List.of("a", "b", "c", "d");
    Map<String, double[]> first = new LinkedHashMap<>();
    Map<String, double[]> second = new LinkedHashMap<>();
    double[] gains = {3, 5, 0, -1};
    for (int t = 0; t < 4; t++) {
      first.put(tasks.get(t), new double[] {gains[t] + 1, 2});
      second.put(tasks.get(t), new double[] {1, 2});
    }
    Duel duel = Duel.of(measured("x", List.of(first)), measured("y", List.of(second)), tasks, KEY);
    assertThat(duel.wins()).isEqualTo(2);
    assertThat(duel.ties()).isEqualTo(1);
    assertThat(duel.losses()).isEqualTo(1);
    assertThat(duel.winRate()).isEqualTo(62.5);
    assertThat(duel.difference().estimate()).isCloseTo(7 / 8.0, within(1e-12));
    assertThat(duel.ofLoss().estimate()).isCloseTo(-7 / 800.0, within(1e-12));
    // Of three coins two or more heads: 4 of 8.
    assertThat(duel.chance()).isCloseTo(0.5, within(1e-12));
    // Signs of 3, 5, -1: sums of size 7 or more are +-9, +-7, of 8.
    assertThat(duel.byTask()).isEqualTo(4.0 / 8);
    assertThat(duel.byInstance()).isEqualTo(4.0 / 8);
  }

  @Test
  void fairCoins() {
    assertThat(Duel.chance(5, 0)).isCloseTo(1 / 32.0, within(1e-12));
    assertThat(Duel.chance(0, 5)).isCloseTo(1, within(1e-12));
    assertThat(Duel.chance(0, 0)).isEqualTo(1);
    // C(10, 8) + C(10, 9) + C(10, 10) of 1024.
    assertThat(Duel.chance(8, 2)).isCloseTo(56 / 1024.0, within(1e-12));
  }

  @Test
  void oneTrainingIsSetAgainstEachSeed() {
    Measured base = measured("base", List.of(scores(new double[] {1}, new double[] {1})));
    Measured tuned =
        measured(
            "tuned",
            List.of(
                scores(new double[] {2}, new double[] {4}),
                scores(new double[] {4}, new double[] {4})));
    Duel duel = Duel.of(tuned, base, List.of("one", "two"), KEY);
    assertThat(duel.difference().estimate()).isEqualTo(2.5);
    assertThat(duel.wins()).isEqualTo(2);
    Measured three =
        measured("three", Collections.nCopies(3, scores(new double[] {1}, new double[] {1})));
    assertThatThrownBy(() -> Duel.of(tuned, three, List.of("one"), KEY))
        .hasMessage("methods of 2 and 3 seeds cannot be paired");
  }

  @Test
  void theDominatingTaskIsWhereMethodsLieFarthestApart() {
    Measured a = measured("a", List.of(scores(new double[] {10}, new double[] {50})));
    Measured b = measured("b", List.of(scores(new double[] {60}, new double[] {55})));
    assertThat(FixedBudget.dominating(List.of(a, b), List.of("one", "two"))).isEqualTo("one");
    assertThat(FixedBudget.dominating(List.of(a, b), List.of("two"))).isEqualTo("two");
  }
}
