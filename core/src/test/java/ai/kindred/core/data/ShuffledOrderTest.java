package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShuffledOrderTest {

  private final ShuffledOrder order = new ShuffledOrder(10, Key.of(3));

  @Test
  void eachRoundHasEveryExampleOnceInItsOwnOrder() {
    int[] first = order.at(0, 10);
    int[] second = order.at(10, 10);
    int[] all = IntStream.range(0, 10).toArray();
    assertThat(first).containsExactlyInAnyOrder(all).isNotEqualTo(second);
    assertThat(second).containsExactlyInAnyOrder(all);
  }

  @Test
  void canBeEnteredAnywhere() {
    int[] whole = order.at(0, 25);
    assertThat(order.at(7, 11)).containsExactly(Arrays.copyOfRange(whole, 7, 18));
  }

  @Test
  void refusesNothingAndNegativePositions() {
    assertThatThrownBy(() -> new ShuffledOrder(0, Key.of(1)))
        .hasMessage("an order of 0 examples; give at least 1");
    assertThatThrownBy(() -> order.at(-1, 1)).hasMessage("position -1 is negative");
  }
}
