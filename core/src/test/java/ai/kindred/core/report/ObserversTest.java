package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.train.Event;
import ai.kindred.core.train.Signal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObserversTest {

  private static List<Signal> signals(EarlyStop stop, double... values) {
    List<Signal> signals = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      signals.add(stop.on(new Event(10L * i, "eval").with("score", values[i])));
    }
    return signals;
  }

  @Test
  void stopsWhenNothingBetterComes() {
    EarlyStop loss = new EarlyStop("eval", "score", EarlyStop.Better.LOWER, 2);
    assertThat(signals(loss, 3, 2, 2, 1.5, 1.6, Double.NaN))
        .containsExactly(
            Signal.CONTINUE,
            Signal.CONTINUE,
            Signal.CONTINUE,
            Signal.CONTINUE,
            Signal.CONTINUE,
            Signal.STOP);
    assertThat(loss.best()).isEqualTo(1.5);
    assertThat(loss.bestStep()).isEqualTo(30);
    EarlyStop score = new EarlyStop("eval", "score", EarlyStop.Better.HIGHER, 1);
    assertThat(signals(score, 1, 2, 1.9))
        .containsExactly(Signal.CONTINUE, Signal.CONTINUE, Signal.STOP);
    EarlyStop lost = new EarlyStop("eval", "score", EarlyStop.Better.HIGHER, 2);
    assertThat(signals(lost, Double.NaN, Double.NaN)).endsWith(Signal.STOP);
    assertThat(lost.on(new Event(1, "train"))).isEqualTo(Signal.CONTINUE);
    assertThatThrownBy(() -> lost.on(new Event(1, "eval")))
        .hasMessageContaining("has no number 'score'");
    assertThatThrownBy(() -> new EarlyStop("eval", "x", EarlyStop.Better.LOWER, 0))
        .hasMessage("patience is 0; give 1 or more events");
  }

  @Test
  void keepsACurveOfOneKind() {
    CurveObserver curve = new CurveObserver("train");
    curve.on(new Event(1, "train").with("loss", 2));
    curve.on(new Event(1, "eval").with("loss", 9));
    curve.on(new Event(2, "train").with("rate", 1));
    curve.on(new Event(3, "train").with("loss", 1.5));
    assertThat(curve.curve("loss"))
        .isEqualTo(new Plot.Curve("loss", List.of(new Plot.Point(1, 2), new Plot.Point(3, 1.5))));
  }

  @Test
  void showsTheNumbersOfAStep() {
    List<String> shown = new ArrayList<>();
    Progress progress =
        new Progress() {
          @Override
          public void step(long done, String message) {
            shown.add(done + ": " + message);
          }

          @Override
          public void close() {}
        };
    ProgressObserver observer = new ProgressObserver(progress, "train", List.of("loss", "absent"));
    observer.on(new Event(3, "train").with("loss", 2.34567));
    observer.on(new Event(3, "eval").with("loss", 1));
    assertThat(shown).containsExactly("3: loss 2.346");
  }
}
