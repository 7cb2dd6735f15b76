package ai.kindred.examples.adapters;

/** What was asked for cannot be planned: too few tasks, no such product, other settings. */
final class PlanException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  PlanException(String message) {
    super(message);
  }
}
