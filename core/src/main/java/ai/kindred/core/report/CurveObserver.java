package ai.kindred.core.report;

import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;
import java.util.ArrayList;
import java.util.List;

/** Keeps the events of a kind in memory, to be drawn at the end. */
public final class CurveObserver implements Observer {
  private final String kind;
  private final List<Event> events = new ArrayList<>();

  /** Keeps events of this kind. */
  public CurveObserver(String kind) {
    this.kind = kind;
  }

  @Override
  public synchronized Signal on(Event event) {
    if (event.kind().equals(kind)) {
      events.add(event);
    }
    return Signal.CONTINUE;
  }

  /** A number over steps, from the events that have it. */
  public synchronized Plot.Curve curve(String number) {
    return curve(events, number);
  }

  static Plot.Curve curve(List<Event> events, String number) {
    return new Plot.Curve(
        number,
        events.stream()
            .filter(e -> e.hasNumber(number))
            .map(e -> new Plot.Point(e.step(), e.number(number)))
            .toList());
  }
}
