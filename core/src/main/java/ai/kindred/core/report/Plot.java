package ai.kindred.core.report;

import ai.kindred.core.metrics.Interval;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A plot of a report, drawn as SVG whose colours follow the page's light or dark scheme. Values
 * that are not finite leave a gap.
 */
public sealed interface Plot {
  /** What is shown; also what a screen reader says. */
  String title();

  /**
   * Curves over a common axis.
   *
   * @param smoothing each curve is drawn as the mean over this many neighbouring points, with the
   *     points as they are faintly behind it; 1 draws the points alone
   */
  record Lines(String title, String xLabel, String yLabel, List<Curve> curves, int smoothing)
      implements Plot {
    /** Checks and copies. */
    public Lines {
      curves = List.copyOf(curves);
      if (smoothing < 1) {
        throw new IllegalArgumentException("smoothing is " + smoothing + "; give 1 or more points");
      }
    }
  }

  /**
   * Points in a plane, a colour a cloud; the two axes have a scale of their own each.
   *
   * @param clouds named points; six colours come round again
   */
  record Scatter(String title, String xLabel, String yLabel, List<Curve> clouds) implements Plot {
    /** Copies. */
    public Scatter {
      clouds = List.copyOf(clouds);
    }
  }

  /** A named curve; its points are drawn in this order. */
  record Curve(String name, List<Point> points) {
    /** Copies. */
    public Curve {
      points = List.copyOf(points);
    }
  }

  /** A point of a curve, with the band around it from {@code low} to {@code high}. */
  record Point(double x, double y, double low, double high) {
    /** A point without a band. */
    public Point(double x, double y) {
      this(x, y, y, y);
    }
  }

  /**
   * Horizontal bars with intervals, in one group for each category.
   *
   * @param categories names from top to bottom
   * @param series each with one value a category
   */
  record Bars(String title, String valueLabel, List<String> categories, List<Series> series)
      implements Plot {
    /** Checks and copies. */
    public Bars {
      categories = List.copyOf(categories);
      series = List.copyOf(series);
      for (Series one : series) {
        if (one.values().size() != categories.size()) {
          throw new IllegalArgumentException(
              "series '%s' has %d values for %d categories"
                  .formatted(one.name(), one.values().size(), categories.size()));
        }
      }
    }
  }

  /** A named row of values; an interval without width is drawn as a plain bar. */
  record Series(String name, List<Interval> values) {
    /** Copies. */
    public Series {
      values = List.copyOf(values);
    }

    /** Values without intervals. */
    public static Series of(String name, double... values) {
      return new Series(
          name, DoubleStream.of(values).mapToObj(v -> new Interval(v, v, v, 0.5)).toList());
    }
  }

  /**
   * A value for every row and column as a colour, with its figure.
   *
   * @param values one list a row
   * @param decimals decimals of the figures, 0 to 6
   */
  record HeatMap(
      String title,
      List<String> rows,
      List<String> columns,
      List<List<Double>> values,
      int decimals)
      implements Plot {
    /** Checks and copies. */
    public HeatMap {
      rows = List.copyOf(rows);
      columns = List.copyOf(columns);
      values = values.stream().map(List::copyOf).toList();
      int width = columns.size();
      if (values.size() != rows.size() || values.stream().anyMatch(r -> r.size() != width)) {
        throw new IllegalArgumentException(
            "the values of heat map '%s' are not %d rows of %d"
                .formatted(title, rows.size(), width));
      }
      if (decimals < 0 || decimals > 6) {
        throw new IllegalArgumentException("decimals is " + decimals + "; give 0 to 6");
      }
    }
  }
}
