package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventTest {

  @Test
  void keepsValuesInOrderAndCannotBeChanged() {
    Map<String, Object> given = new LinkedHashMap<>(Map.of("z", 1));
    Event event = new Event(3, "train", given);
    given.put("late", 2);
    Event more = event.with("loss", 2.5).with("note", "warm-up");
    assertThat(event.values()).containsOnlyKeys("z");
    assertThat(more.values().keySet()).containsExactly("z", "loss", "note");
    assertThat(more.number("loss")).isEqualTo(2.5);
    assertThat(more.hasNumber("note")).isFalse();
    assertThatThrownBy(() -> event.values().put("x", 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesWhatNoLineOfJsonHolds() {
    assertThatThrownBy(() -> new Event(-1, "train"))
        .hasMessage("step of event 'train' is -1, below 0");
    assertThatThrownBy(() -> new Event(2, " ")).hasMessageContaining("step 2 has a blank kind");
    assertThatThrownBy(() -> new Event(2, "train").with("ids", new int[] {1}))
        .hasMessageContaining("value 'ids' of event 'train' is class [I");
    assertThatThrownBy(() -> new Event(2, "train").with("loss", 1.0).number("los"))
        .hasMessage("event 'train' at step 2 has no number 'los'; it has [loss]");
  }

  @Test
  void everyObserverSeesEveryEventAndOneStopIsEnough() {
    List<String> seen = new ArrayList<>();
    Observer stops =
        event -> {
          seen.add("a");
          return event.step() == 1 ? Signal.STOP : Signal.CONTINUE;
        };
    Observer goesOn =
        event -> {
          seen.add("b");
          return Signal.CONTINUE;
        };
    Observer both = Observer.all(List.of(stops, goesOn));
    assertThat(both.on(new Event(0, "train"))).isEqualTo(Signal.CONTINUE);
    assertThat(both.on(new Event(1, "train"))).isEqualTo(Signal.STOP);
    assertThat(seen).containsExactly("a", "b", "a", "b");
    assertThat(Observer.all(List.of()).on(new Event(1, "train"))).isEqualTo(Signal.CONTINUE);
  }
}
