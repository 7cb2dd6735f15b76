package ai.kindred.core.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that happened in a run, with named values. Kinds are open, since every method has its
 * own ("train", "eval", "round"); values are numbers, text and truth values, so that any event fits
 * a line of JSON and a row of CSV.
 *
 * <pre>{@code
 * new Event(120, "train").with("loss", 2.31).with("rate", 1e-4)
 * }</pre>
 *
 * @param step how many steps were finished, from 0
 * @param kind what happened; not blank
 * @param values by name, in the order given; a number may be NaN, since a run can go wrong
 */
public record Event(long step, String kind, Map<String, Object> values) {

  /** Checks and copies. */
  public Event {
    if (step < 0) {
      throw new IllegalArgumentException("step of event '" + kind + "' is " + step + ", below 0");
    }
    if (kind.isBlank()) {
      throw new IllegalArgumentException("the event at step " + step + " has a blank kind");
    }
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      Object value = entry.getValue();
      if (!(value instanceof Number || value instanceof String || value instanceof Boolean)) {
        throw new IllegalArgumentException(
            "value '%s' of event '%s' is %s; an event holds numbers, text and booleans"
                .formatted(entry.getKey(), kind, value == null ? "null" : value.getClass()));
      }
    }
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** An event without values. */
  public Event(long step, String kind) {
    this(step, kind, Map.of());
  }

  /** This event with one more value: a number, text or a boolean. */
  public Event with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new Event(step, kind, more);
  }

  /** Whether there is a number of this name. */
  public boolean hasNumber(String name) {
    return values.get(name) instanceof Number;
  }

  /**
   * The number of this name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the values there are
   */
  public double number(String name) {
    if (values.get(name) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(
        "event '%s' at step %d has no number '%s'; it has %s"
            .formatted(kind, step, name, values.keySet()));
  }
}
