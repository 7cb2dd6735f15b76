package ai.kindred.core.train;

/**
 * Training was asked to stop by an interruption of its thread (Ctrl-C in commands) and did so
 * between two steps. The thread's interrupt status is set again.
 */
public final class TrainingInterruptedException extends TrainingException {
  private static final long serialVersionUID = 1L;

  /** A run that was interrupted, with what became of its state. */
  public TrainingInterruptedException(String message) {
    super(message);
  }
}
