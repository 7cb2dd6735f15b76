package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static void rates(Schedule schedule, double... expected) {
    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.rate(step)).as("step %d", step).isCloseTo(expected[step], within(1e-12));
    }
  }

  @Test
  void constantStaysAtItsPeak() {
    rates(new Schedule.Constant(0.8, 4), 0.2, 0.4, 0.6, 0.8, 0.8, 0.8);
    rates(new Schedule.Constant(0.8, 0), 0.8, 0.8);
  }

  @Test
  void linearFallsToItsFloor() {
    rates(new Schedule.Linear(1, 2, 6, 0), 0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0);
    rates(new Schedule.Linear(2, 0, 2, 0.5), 2, 1.5, 1, 1);
  }

  @Test
  void cosineFallsToItsFloor() {
    double eighth = Math.sqrt(0.5);
    rates(new Schedule.Cosine(1, 1, 5, 0), 1, 1, (1 + eighth) / 2, 0.5, (1 - eighth) / 2, 0, 0);
    rates(new Schedule.Cosine(1, 0, 2, 0.2), 1, 0.6, 0.2);
  }

  @Test
  void inverseSquareRootIsAdafactorsRelativeStep() {
    Schedule schedule = new Schedule.InverseSquareRoot(0.01, 10_000);
    for (int t : new int[] {1, 17, 9_999, 10_000, 10_001, 1_000_000}) {
      assertThat(schedule.rate(t - 1))
          .isCloseTo(Math.min(1e-6 * t, 1 / Math.sqrt(t)), within(1e-15));
    }
  }

  @Test
  void aWarmUpMustLeaveSteps() {
    assertThatThrownBy(() -> new Schedule.Cosine(1, 10, 10, 0))
        .hasMessage(
            "a warm-up of 10 steps leaves none of 10 to decay; shorten it, or use a constant"
                + " schedule");
    assertThatThrownBy(() -> new Schedule.InverseSquareRoot(1, 0))
        .hasMessageContaining("at least 1 step of warm-up, not 0");
  }
}
