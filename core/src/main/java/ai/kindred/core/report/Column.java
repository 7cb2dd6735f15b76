package ai.kindred.core.report;

import ai.kindred.core.metrics.Interval;
import java.math.BigInteger;
import java.util.Locale;

/**
 * A column of a table.
 *
 * @param name the heading
 * @param numeric numbers stand to the right, text to the left
 * @param decimals how many decimals a fraction is shown with, 0 to 17; CSV keeps them all
 */
public record Column(String name, boolean numeric, int decimals) {
  /** Checks. */
  public Column {
    if (decimals < 0 || decimals > 17) {
      throw new IllegalArgumentException(
          "column '%s' asks for %d decimals; give 0 to 17".formatted(name, decimals));
    }
  }

  /** A column of text. */
  public static Column text(String name) {
    return new Column(name, false, 2);
  }

  /** A column of numbers and {@link Interval}s. */
  public static Column number(String name, int decimals) {
    return new Column(name, true, decimals);
  }

  /** A cell as people read it. */
  String format(Object cell) {
    if (cell instanceof Interval e) {
      return e.low() < e.high()
          ? "%s [%s, %s]".formatted(fixed(e.estimate()), fixed(e.low()), fixed(e.high()))
          : fixed(e.estimate());
    }
    if (cell instanceof Number n && !isWhole(n)) {
      return fixed(n.doubleValue());
    }
    return cell.toString();
  }

  private static boolean isWhole(Number n) {
    return n instanceof Long
        || n instanceof Integer
        || n instanceof Short
        || n instanceof Byte
        || n instanceof BigInteger;
  }

  private String fixed(double x) {
    if (!Double.isFinite(x)) {
      return Double.toString(x);
    }
    String text = String.format(Locale.ROOT, "%." + decimals + "f", x);
    return text.startsWith("-") && text.chars().allMatch(c -> "-0.".indexOf(c) >= 0)
        ? text.substring(1)
        : text;
  }
}
