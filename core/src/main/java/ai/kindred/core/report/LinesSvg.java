package ai.kindred.core.report;

import ai.kindred.core.report.Plot.Curve;
import ai.kindred.core.report.Plot.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Draws curves. */
final class LinesSvg {
  private static final int HEIGHT = 280;

  /** Room for half of the last tick's label, in pixels. */
  private static final int RIGHT = 24;

  private LinesSvg() {}

  static String draw(Plot.Lines plot, int width, String size) {
    Legend legend = Legend.of(plot.curves().stream().map(Curve::name).toList(), width);
    double top = legend.height() + 2 * Svg.LINE;
    double bottom = top + HEIGHT - 3 * Svg.LINE;
    List<Curve> smooth =
        plot.curves().stream()
            .map(c -> new Curve(c.name(), smoothed(c.points(), plot.smoothing())))
            .toList();
    Axis y = Axis.of(heights(plot.curves(), smooth, plot.smoothing()), bottom, top, 5).rounded();
    double left = 8 + y.ticks().stream().mapToDouble(t -> Svg.widthOf(y.label(t))).max().orElse(20);
    Axis x =
        Axis.of(
            plot.curves().stream().flatMap(c -> c.points().stream()).mapToDouble(Point::x),
            left,
            width - RIGHT,
            Math.max(2, width / 110));
    Svg svg = new Svg().open(width, bottom + 2.6 * Svg.LINE, plot.title(), size);
    legend.draw(svg);
    for (double tick : y.ticks()) {
      svg.line("grid", left, y.pixel(tick), width - RIGHT, y.pixel(tick));
      svg.label(left - 6, y.pixel(tick) + 4, "end", y.label(tick), width);
    }
    for (double tick : x.ticks()) {
      svg.line("axis", x.pixel(tick), bottom, x.pixel(tick), bottom + 4);
      svg.label(x.pixel(tick), bottom + Svg.LINE + 2, "middle", x.label(tick), width);
    }
    svg.line("axis", left, bottom, width - RIGHT, bottom);
    svg.label(0, top - Svg.LINE + 2, "start", plot.yLabel(), width);
    svg.label(width - RIGHT, bottom + 2.2 * Svg.LINE, "end", plot.xLabel(), width / 2.0);
    for (int i = 0; i < smooth.size(); i++) {
      String color = Svg.color(i);
      List<Point> raw = thinned(plot.curves().get(i).points(), width);
      svg.path("band " + color, band(raw, x, y));
      if (plot.smoothing() > 1) {
        svg.path("faint " + color, line(raw, x, y));
      }
      svg.path("curve " + color, line(thinned(smooth.get(i).points(), width), x, y));
    }
    return svg.close();
  }

  /** What the value axis spans: under smoothing one outlier does not flatten everything else. */
  private static DoubleStream heights(List<Curve> raw, List<Curve> smooth, int smoothing) {
    Stream<Point> points = smooth.stream().flatMap(c -> c.points().stream());
    DoubleStream bands =
        raw.stream()
            .flatMap(c -> c.points().stream())
            .flatMapToDouble(
                p ->
                    p.low() < p.high() || smoothing == 1
                        ? DoubleStream.of(p.low(), p.high())
                        : DoubleStream.empty());
    return DoubleStream.concat(points.mapToDouble(Point::y), bands);
  }

  /** The centred mean over up to {@code window} finite points; fewer at the ends. */
  static List<Point> smoothed(List<Point> points, int window) {
    if (window == 1) {
      return points;
    }
    List<Point> finite = points.stream().filter(p -> Double.isFinite(p.y())).toList();
    List<Point> out = new ArrayList<>();
    for (int i = 0; i < finite.size(); i++) {
      int from = Math.max(0, i - (window - 1) / 2);
      int to = Math.min(finite.size(), i + window / 2 + 1);
      double mean =
          finite.subList(from, to).stream().mapToDouble(Point::y).average().orElse(Double.NaN);
      out.add(new Point(finite.get(i).x(), mean));
    }
    return out;
  }

  /** At most four points a pixel column or so: the lowest and the highest of each run of points. */
  private static List<Point> thinned(List<Point> points, int width) {
    int run = points.size() / width;
    if (run < 4) {
      return points;
    }
    List<Point> out = new ArrayList<>();
    for (int i = 0; i < points.size(); i += run) {
      List<Point> some = points.subList(i, Math.min(points.size(), i + run));
      int low = 0;
      int high = 0;
      for (int j = 1; j < some.size(); j++) {
        low = some.get(j).y() < some.get(low).y() ? j : low;
        high = some.get(j).y() > some.get(high).y() ? j : high;
      }
      out.add(some.get(Math.min(low, high)));
      if (low != high) {
        out.add(some.get(Math.max(low, high)));
      }
    }
    return out;
  }

  private static String line(List<Point> points, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (Point p : points) {
      boolean finite = Double.isFinite(p.x()) && Double.isFinite(p.y());
      if (finite) {
        path.append(pen ? "L" : "M").append(at(x.pixel(p.x()), y, p.y()));
        if (!pen) {
          path.append('h').append("0.1"); // a lone point still leaves a dot
        }
      }
      pen = finite;
    }
    return path.toString();
  }

  private static String band(List<Point> points, Axis x, Axis y) {
    List<Point> finite =
        points.stream().filter(p -> Double.isFinite(p.x() + p.low() + p.high())).toList();
    if (finite.stream().noneMatch(p -> p.low() < p.high())) {
      return "";
    }
    StringBuilder path = new StringBuilder("M");
    for (Point p : finite) {
      path.append(at(x.pixel(p.x()), y, p.high())).append('L');
    }
    for (int i = finite.size() - 1; i >= 0; i--) {
      path.append(at(x.pixel(finite.get(i).x()), y, finite.get(i).low())).append(i > 0 ? "L" : "Z");
    }
    return path.toString();
  }

  /** A place on the plot; what lies beyond the value axis is drawn on its edge. */
  private static String at(double x, Axis y, double value) {
    double clipped = Math.max(y.low(), Math.min(y.high(), value));
    return Svg.number(x) + " " + Svg.number(y.pixel(clipped));
  }
}
