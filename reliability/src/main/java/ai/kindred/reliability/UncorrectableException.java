package ai.kindred.reliability;

/** A word of weights is damaged beyond what its code can undo, and that was not to be tolerated. */
public final class UncorrectableException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With what was damaged. */
  public UncorrectableException(String message) {
    super(message);
  }
}
