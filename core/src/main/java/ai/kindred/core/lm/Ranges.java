package ai.kindred.core.lm;

/** Range checks whose messages name the field of config.json, its value and the range. */
final class Ranges {
  /** Longest context that a config may claim: 2^27 tokens. */
  static final int MAX_POSITIONS = 1 << 27;

  private Ranges() {}

  static void between(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          field + " is " + value + "; it must be from " + min + " to " + max);
    }
  }

  static void between(String field, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          field + " is " + value + "; it must be from " + min + " to " + max);
    }
  }

  static void above(String field, double value, double min, double max) {
    if (!(value > min && value <= max)) {
      throw new IllegalArgumentException(
          field + " is " + value + "; it must be above " + min + " and at most " + max);
    }
  }
}
