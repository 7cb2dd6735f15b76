package ai.kindred.core.metrics;

/** Checks that samples are usable before any figure is made of them. */
final class Samples {
  private Samples() {}

  static void check(double[] values, String what) {
    if (values.length == 0) {
      throw new IllegalArgumentException(what + " needs at least one value, the sample is empty");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            what + " needs finite values, value " + i + " is " + values[i]);
      }
    }
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** after - before, example by example. */
  static double[] differences(double[] before, double[] after) {
    if (before.length != after.length) {
      throw new IllegalArgumentException(
          "paired samples need the same examples: "
              + before.length
              + " scores before, "
              + after.length
              + " after");
    }
    double[] differences = new double[before.length];
    for (int i = 0; i < before.length; i++) {
      differences[i] = after[i] - before[i];
    }
    return differences;
  }
}
