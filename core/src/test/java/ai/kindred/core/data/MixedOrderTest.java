package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.data.MixedOrder.Draw;
import ai.kindred.core.kernel.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MixedOrderTest {
  private static final int[] SIZES = {100, 10, 1};
  private static final Key KEY = Key.of(8);

  @Test
  void theRulesGiveTheirRates() {
    assertThat(new Mixing.Proportional(50).draws(SIZES)).containsExactly(50, 10, 1);
    assertThat(new Mixing.Uniform().draws(SIZES)).containsExactly(1, 1, 1);
    // Square roots 10, 3.162, 1 scaled to a sum of 111.
    assertThat(new Mixing.Temperature(2, 1000).draws(SIZES)).containsExactly(78, 25, 8);
    assertThat(new Mixing.Temperature(1, 50).draws(SIZES)).containsExactly(50, 10, 1);
    assertThat(new Mixing.Temperature(1e9, 1000).draws(SIZES)).containsExactly(37, 37, 37);
  }

  @Test
  void aProportionalCycleIsAnEpoch() {
    MixedOrder order = new MixedOrder(SIZES, new Mixing.Proportional(1000), KEY);
    assertThat(order.cycle()).isEqualTo(111);
    for (int cycle = 0; cycle < 3; cycle++) {
      assertThat(draws(order, cycle * 111L, 111)).hasSize(111).doesNotHaveDuplicates();
    }
    assertThat(draws(order, 0, 111)).isNotEqualTo(draws(order, 111, 111));
  }

  @Test
  void overWholeCyclesNoExampleComesMuchOftenerThanAnother() {
    MixedOrder order = new MixedOrder(SIZES, new Mixing.Proportional(20), KEY);
    Map<Draw, Integer> counts = new HashMap<>();
    draws(order, 0, 5 * (int) order.cycle()).forEach(draw -> counts.merge(draw, 1, Integer::sum));
    for (int example = 0; example < 100; example++) {
      assertThat(counts).containsEntry(new Draw(0, example), 1);
    }
    assertThat(counts).containsEntry(new Draw(2, 0), 5).hasSize(111);

    MixedOrder equal = new MixedOrder(SIZES, new Mixing.Temperature(1e9, 1000), KEY);
    counts.clear();
    draws(equal, 0, 7 * (int) equal.cycle()).forEach(draw -> counts.merge(draw, 1, Integer::sum));
    for (int example = 0; example < 100; example++) {
      assertThat(counts.get(new Draw(0, example))).isBetween(2, 3);
    }
  }

  @Test
  void whatComesDependsOnThePositionAlone() {
    MixedOrder order = new MixedOrder(SIZES, new Mixing.Uniform(), KEY);
    List<Draw> forward = draws(order, 0, 1000);
    MixedOrder resumed = new MixedOrder(SIZES, new Mixing.Uniform(), KEY);
    assertThat(draws(resumed, 700, 300)).isEqualTo(forward.subList(700, 1000));
    MixedOrder other = new MixedOrder(SIZES, new Mixing.Uniform(), Key.of(9));
    assertThat(draws(other, 0, 1000)).isNotEqualTo(forward);
    assertThat(order.at(3_000_000_000_000L).task()).isBetween(0, 2);
  }

  @Test
  void refusesWhatCannotBeMixed() {
    Mixing uniform = new Mixing.Uniform();
    assertThatThrownBy(() -> new MixedOrder(new int[0], uniform, KEY))
        .hasMessage("a mixture needs at least one task");
    assertThatThrownBy(() -> new MixedOrder(new int[] {3, 0}, uniform, KEY))
        .hasMessage("a mixture needs an example of each task, task 1 has 0");
    assertThatThrownBy(() -> new MixedOrder(SIZES, uniform, KEY).at(-1))
        .hasMessage("a position is 0 or more, not -1");
    assertThatThrownBy(() -> new Mixing.Proportional(0))
        .hasMessage("a mixing cap is 1 or more, not 0");
    assertThatThrownBy(() -> new Mixing.Temperature(0.5, 10))
        .hasMessage("a mixing temperature is 1 or more, not 0.5");
  }

  private static List<Draw> draws(MixedOrder order, long from, int count) {
    return LongStream.range(from, from + count).mapToObj(order::at).toList();
  }
}
