package ai.kindred.core.report;

import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Moves a progress display at every event of a kind, with some of its numbers.
 *
 * @param progress the display; whoever made it closes it
 * @param kind the kind of event that ends a step, such as "train"
 * @param numbers names of the numbers to show; those an event lacks are left out
 */
public record ProgressObserver(Progress progress, String kind, List<String> numbers)
    implements Observer {
  /** Copies. */
  public ProgressObserver {
    numbers = List.copyOf(numbers);
  }

  @Override
  public Signal on(Event event) {
    if (event.kind().equals(kind)) {
      progress.step(
          event.step(),
          numbers.stream()
              .filter(event::hasNumber)
              .map(name -> name + String.format(Locale.ROOT, " %.4g", event.number(name)))
              .collect(Collectors.joining(", ")));
    }
    return Signal.CONTINUE;
  }
}
