package ai.kindred.core.train;

/** Training cannot go on; the message says at which step, why, and what helps. */
public class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure of training itself. */
  public TrainingException(String message) {
    super(message);
  }

  /** A failure that something else caused. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
