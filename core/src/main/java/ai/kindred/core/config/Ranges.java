package ai.kindred.core.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of numbers against {@link Range}, and ranges in words. */
final class Ranges {
  private Ranges() {}

  /** What is wrong with a number, or null: it must be finite and in range. */
  static @Nullable String problem(Number value, @Nullable Range range) {
    double v = value.doubleValue();
    if (!Double.isFinite(v)) {
      return "is " + value + "; must be a finite number";
    }
    if (range == null
        || (v >= range.min()
            && v <= range.max()
            && (v > range.above() || range.above() == Double.NEGATIVE_INFINITY)
            && (v < range.below() || range.below() == Double.POSITIVE_INFINITY))) {
      return null;
    }
    return "is " + value + "; must be " + words(range);
  }

  /** Such as {@code above 0, at most 1}. */
  static String words(Range range) {
    List<String> words = new ArrayList<>();
    add(words, "at least ", range.min());
    add(words, "above ", range.above());
    add(words, "at most ", range.max());
    add(words, "below ", range.below());
    return String.join(", ", words);
  }

  private static void add(List<String> words, String relation, double bound) {
    if (Double.isFinite(bound)) {
      boolean whole = bound == Math.rint(bound) && Math.abs(bound) < 1e15;
      words.add(relation + (whole ? Long.toString((long) bound) : Double.toString(bound)));
    }
  }
}
