package ai.kindred.examples.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterSlotTest {

  private static RouterSlot slot(List<Double> one, List<Double> two, double entropy) {
    return RouterSlot.of(
            List.of(
                new TrialResult.Routed("q", "one", List.of(one), entropy),
                new TrialResult.Routed("q", "two", List.of(two), entropy)))
        .get(0);
  }

  @Test
  void evenWeightsHaveLearntNothing() {
    RouterSlot even = slot(List.of(0.5, 0.5), List.of(0.5, 0.5), Math.log(2));
    assertThat(even.evenness()).isCloseTo(1, within(1e-12));
    assertThat(even.toldByTask()).isZero();
    assertThat(even.notLearnt()).isTrue();
    assertThat(even.collapsed()).isFalse();
    assertThat(even.idle()).isFalse();
  }

  /** An expert a task: the task tells all. */
  @Test
  void anExpertATaskIsToldByTheTask() {
    RouterSlot split = slot(List.of(1.0, 0.0), List.of(0.0, 1.0), 0);
    assertThat(split.toldByTask()).isCloseTo(1, within(1e-12));
    assertThat(split.evenness()).isZero();
    assertThat(split.collapsed()).isFalse();
    assertThat(split.idle()).as("each expert is used by one task").isFalse();
    assertThat(split.notLearnt()).isFalse();
  }

  @Test
  void alarms() {
    RouterSlot taken = slot(List.of(0.95, 0.05), List.of(0.9, 0.1), 0.2);
    assertThat(taken.collapsed()).isTrue();
    assertThat(taken.idle()).as("0.1 is above a tenth of a half").isFalse();
    RouterSlot idle = slot(List.of(0.6, 0.39, 0.01), List.of(0.38, 0.6, 0.02), 0.7);
    assertThat(idle.collapsed()).isFalse();
    assertThat(idle.idle()).isTrue();
    // H(0.5, 0.5) - (H(0.25, 0.75)) in shares of log 2.
    RouterSlot some = slot(List.of(0.25, 0.75), List.of(0.75, 0.25), 0.5);
    double h = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)) / Math.log(2);
    assertThat(some.toldByTask()).isCloseTo(1 - h, within(1e-12));
  }

  @Test
  void slotsOfEveryRouterAreTakenApart() {
    List<RouterSlot> slots =
        RouterSlot.of(
            List.of(
                new TrialResult.Routed(
                    "q", "one", List.of(List.of(0.4, 0.6), List.of(0.7, 0.3)), 0.6),
                new TrialResult.Routed("v", "one", List.of(List.of(0.2, 0.8)), 0.5)));
    assertThat(slots)
        .extracting(RouterSlot::name)
        .containsExactly("q, slot 0", "q, slot 1", "v, slot 0");
    assertThat(slots.get(1).weights()).isEqualTo(Map.of("one", List.of(0.7, 0.3)));
    assertThat(slots.get(1).mean()).containsExactly(0.7, 0.3);
  }
}
