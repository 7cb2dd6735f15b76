package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Bootstrap.Groups;
import ai.kindred.core.metrics.Bootstrap.Weighting;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final Key KEY = Key.of(3);

  @Test
  void agreesWithAllSamplesEnumerated() {
    double[] values = {0, 1, 10, 4};
    double[] means = new double[256];
    for (int s = 0; s < 256; s++) {
      means[s] = (values[s & 3] + values[s >> 2 & 3] + values[s >> 4 & 3] + values[s >> 6 & 3]) / 4;
    }
    Interval interval = new Bootstrap(100_000, 0.8, KEY).mean(values);
    // The steps between neighbouring means are 0.25 here.
    assertThat(interval.low()).isCloseTo(Summary.percentile(means, 10), within(0.26));
    assertThat(interval.high()).isCloseTo(Summary.percentile(means, 90), within(0.26));
    assertThat(interval.estimate()).isEqualTo(3.75);
    assertThat(interval.level()).isEqualTo(0.8);
  }

  @Test
  void approachesTheNormalInterval() {
    double[] values = uniform(KEY.fold("values"), 900);
    double halfWidth = 1.96 * Summary.of(values).standardDeviation() / 30;
    Interval interval = new Bootstrap(20_000, 0.95, KEY).mean(values);
    double mean = Arrays.stream(values).average().orElseThrow();
    assertThat(interval.low()).isCloseTo(mean - halfWidth, within(0.05 * halfWidth));
    assertThat(interval.high()).isCloseTo(mean + halfWidth, within(0.05 * halfWidth));
  }

  @Test
  void coversTheTruthAboutAsOftenAsItSays() {
    int covered = 0;
    for (int trial = 0; trial < 400; trial++) {
      double[] values = uniform(KEY.fold("trial").fold(trial), 50);
      covered += new Bootstrap(300, 0.9, KEY.fold(trial)).mean(values).contains(0.5) ? 1 : 0;
    }
    assertThat(covered).isBetween(330, 385);
  }

  @Test
  void takesAnyStatisticEvenOneThatSorts() {
    double[] values = {5, 3, 4, 1, 2};
    Interval interval =
        Bootstrap.of(KEY)
            .statistic(
                values,
                sample -> {
                  Arrays.sort(sample);
                  return sample[sample.length / 2];
                });
    assertThat(interval.estimate()).isEqualTo(3);
    assertThat(interval.low()).isBetween(1.0, 2.0);
    assertThat(values).containsExactly(5, 3, 4, 1, 2);
  }

  @Test
  void pairsCancelWhatExamplesShare() {
    double[] before = uniform(KEY.fold("before"), 200);
    double[] after = Arrays.stream(before).map(x -> x + 0.125).toArray();
    Interval gain = Bootstrap.of(KEY).pairedDifference(before, after);
    assertThat(gain.low()).isCloseTo(0.125, within(1e-12));
    assertThat(gain.high()).isCloseTo(0.125, within(1e-12));
  }

  @Test
  void sameKeySameBits() {
    double[] values = uniform(KEY, 30);
    assertThat(Bootstrap.of(KEY).mean(values)).isEqualTo(Bootstrap.of(KEY).mean(values));
    assertThat(Bootstrap.of(Key.of(4)).mean(values)).isNotEqualTo(Bootstrap.of(KEY).mean(values));
  }

  @Test
  void poolsGroupsByExampleOrByGroup() {
    double[] small = {1, 1};
    double[] large = {0, 0, 0, 0, 0, 0};
    List<double[]> groups = List.of(small, large);
    Bootstrap bootstrap = Bootstrap.of(KEY);
    assertThat(bootstrap.groupedMean(groups, Weighting.BY_EXAMPLE, Groups.FIXED))
        .as("no group varies inside")
        .isEqualTo(new Interval(0.25, 0.25, 0.25, 0.95));
    assertThat(bootstrap.groupedMean(groups, Weighting.BY_GROUP, Groups.FIXED).estimate())
        .isEqualTo(0.5);
    // Drawing the groups too, both draws hit one group in half of the samples.
    assertThat(bootstrap.groupedMean(groups, Weighting.BY_GROUP, Groups.SAMPLED))
        .isEqualTo(new Interval(0.5, 0, 1, 0.95));
  }

  @Test
  void fixedGroupsHaveTheStratifiedWidth() {
    List<double[]> groups =
        List.of(uniform(KEY.fold("a"), 400), uniform(KEY.fold("b"), 100), uniform(KEY, 900));
    double variance = 0;
    for (double[] group : groups) {
      double deviation = Summary.of(group).standardDeviation();
      variance += deviation * deviation / group.length / 9;
    }
    Interval interval =
        new Bootstrap(20_000, 0.95, KEY).groupedMean(groups, Weighting.BY_GROUP, Groups.FIXED);
    double width = 2 * 1.96 * Math.sqrt(variance);
    assertThat(interval.high() - interval.low()).isCloseTo(width, within(0.05 * width));
  }

  @Test
  void refusesWhatCannotBeResampled() {
    assertThatThrownBy(() -> new Bootstrap(10, 0.95, KEY))
        .hasMessage("a bootstrap draws 100 to 1,000,000 resamples, not 10");
    assertThatThrownBy(() -> new Bootstrap(1000, 95, KEY))
        .hasMessage("a level lies between 0 and 1, not 95.0");
    assertThatThrownBy(() -> Bootstrap.of(KEY).mean(new double[0]))
        .hasMessage("a bootstrap needs at least one value, the sample is empty");
    assertThatThrownBy(() -> Bootstrap.of(KEY).pairedDifference(new double[2], new double[3]))
        .hasMessage("paired samples need the same examples: 2 scores before, 3 after");
    assertThatThrownBy(() -> new Interval(1, 2, 0, 0.95)).hasMessageContaining("low 2.0, high 0.0");
    assertThat(new Interval(0.1, 0, 0.25, 0.95).times(100)).hasToString("10.000 [0.000, 25.000]");
  }

  private static double[] uniform(Key key, int n) {
    SplittableRandom random = key.random();
    return random.doubles(n).toArray();
  }
}
