package ai.kindred.examples.golden;

/**
 * One comparison with golden values.
 *
 * @param what is compared
 * @param error the largest deviation, in the measure that the tolerance is given in
 * @param tolerance largest allowed
 */
record Check(String what, double error, double tolerance) {

  /** Whether the deviation is allowed; NaN never is. */
  boolean passed() {
    return error <= tolerance;
  }

  /** A number, compared relatively to the expected one (absolutely below 1). */
  static Check relative(String what, double actual, double expected, double tolerance) {
    return new Check(what, relativeError(actual, expected), tolerance);
  }

  static double relativeError(double actual, double expected) {
    return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  }

  /** The larger of two errors; NaN stays. */
  static double worse(double a, double b) {
    return Math.max(a, b);
  }
}
