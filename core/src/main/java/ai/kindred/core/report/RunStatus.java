package ai.kindred.core.report;

import java.util.Locale;

/** How far a run is. */
public enum RunStatus {
  /** At work, or killed: a run that was killed could not write that down. */
  RUNNING,
  /** Ended as planned. */
  DONE,
  /** Ended early in good order, by an observer or a user. */
  STOPPED,
  /** Ended by an error. */
  FAILED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
