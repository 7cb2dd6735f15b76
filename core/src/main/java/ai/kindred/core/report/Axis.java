package ai.kindred.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * A linear axis from data to pixels with round ticks (1, 2 or 5 times a power of ten).
 *
 * @param low data value at pixel {@code from}
 * @param high data value at pixel {@code to}; above {@code low}
 * @param step distance of ticks, in data
 */
record Axis(double low, double high, double step, double from, double to) {

  /** The axis of the finite ones among some values; 0 to 1 if there are none. */
  static Axis of(DoubleStream values, double from, double to, int ticks) {
    // Beyond 1e300 a span could overflow; no plot of ours needs it.
    var range = values.filter(v -> Math.abs(v) < 1e300).summaryStatistics();
    double low = range.getCount() == 0 ? 0 : range.getMin();
    double high = range.getCount() == 0 ? 1 : range.getMax();
    double smallest = Math.max(1e-300, Math.max(Math.abs(low), Math.abs(high)) * 1e-9);
    if (high - low < smallest) {
      double pad = low == 0 ? 1 : Math.abs(low) * 0.1;
      low -= pad;
      high += pad;
    }
    return new Axis(low, high, roundStep((high - low) / ticks), from, to);
  }

  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** This axis, grown to whole ticks. */
  Axis rounded() {
    return new Axis(
        Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step, step, from, to);
  }

  Axis between(double newFrom, double newTo) {
    return new Axis(low, high, step, newFrom, newTo);
  }

  double pixel(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    for (long i = first; i * step <= high + step * 1e-9 && ticks.size() < 100; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  String label(double tick) {
    double largest = Math.max(Math.abs(low), Math.abs(high));
    if (largest >= 1e6 || largest < 1e-3) {
      return tick == 0 ? "0" : String.format(Locale.ROOT, "%.2g", tick).replaceAll("\\.?0+e", "e");
    }
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%." + decimals + "f", tick == 0 ? 0.0 : tick);
  }
}
