package ai.kindred.core.train;

import java.util.List;

/**
 * Watches a run. The loop calls it on its own thread after each step, so what it does costs
 * training time; it changes nothing, and says whether to go on.
 */
@FunctionalInterface
public interface Observer {

  /** Sees an event. An exception ends the run as a failure. */
  Signal on(Event event);

  /** One observer of several: each sees every event, in this order, and one STOP is enough. */
  static Observer all(List<? extends Observer> observers) {
    List<Observer> each = List.copyOf(observers);
    return event -> each.stream().map(o -> o.on(event)).reduce(Signal.CONTINUE, Signal::or);
  }
}
