package ai.kindred.core.train;

/** What an observer answers to an event. */
public enum Signal {
  /** Go on. */
  CONTINUE,
  /** End the run in good order after this step: save, and report. */
  STOP;

  /** STOP if either says so. */
  public Signal or(Signal other) {
    return this == STOP ? STOP : other;
  }
}
