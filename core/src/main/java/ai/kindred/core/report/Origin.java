package ai.kindred.core.report;

/**
 * Where a figure comes from, so that a reader can make it again.
 *
 * @param command the command line or program that gave it; not blank
 * @param seed the seed that it ran with
 */
public record Origin(String command, long seed) {
  /** Checks. */
  public Origin {
    if (command.isBlank()) {
      throw new IllegalArgumentException(
          "the command of an origin is blank; a figure needs the command that gives it");
    }
  }

  /** One line: the command and the seed. */
  @Override
  public String toString() {
    return command + " (seed " + seed + ")";
  }
}
