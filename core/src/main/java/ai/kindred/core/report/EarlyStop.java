package ai.kindred.core.report;

import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;

/**
 * Stops a run when a number has not become better for a while. After a resumption, show it the
 * recorded events again: it then knows what it knew.
 */
public final class EarlyStop implements Observer {
  private final String kind;
  private final String number;
  private final Better better;
  private final int patience;
  private double best = Double.NaN;
  private long bestStep;
  private int since;

  /** Which way is better. */
  public enum Better {
    /** As for a loss. */
    LOWER,
    /** As for a score. */
    HIGHER
  }

  /**
   * Stops at the {@code patience}-th event in a row that brings no new best.
   *
   * @param kind the kind of event that carries the number, such as "eval"
   * @param number the name of the number; NaN never is a best
   * @param patience at least 1
   */
  public EarlyStop(String kind, String number, Better better, int patience) {
    if (patience < 1) {
      throw new IllegalArgumentException("patience is " + patience + "; give 1 or more events");
    }
    this.kind = kind;
    this.number = number;
    this.better = better;
    this.patience = patience;
  }

  @Override
  public Signal on(Event event) {
    if (!event.kind().equals(kind)) {
      return Signal.CONTINUE;
    }
    double value = event.number(number);
    boolean first = Double.isNaN(best) && !Double.isNaN(value);
    if (first || (better == Better.LOWER ? value < best : value > best)) {
      best = value;
      bestStep = event.step();
      since = 0;
    } else {
      since++;
    }
    return since >= patience ? Signal.STOP : Signal.CONTINUE;
  }

  /** The best value so far; NaN before the first. */
  public double best() {
    return best;
  }

  /** The step of the best value so far. */
  public long bestStep() {
    return bestStep;
  }
}
