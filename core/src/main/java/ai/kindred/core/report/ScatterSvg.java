package ai.kindred.core.report;

import ai.kindred.core.report.Plot.Curve;
import ai.kindred.core.report.Plot.Point;

/** Draws points in a plane. */
final class ScatterSvg {
  private static final int HEIGHT = 300;
  private static final int RIGHT = 24;
  private static final int MARK = 7;

  private ScatterSvg() {}

  static String draw(Plot.Scatter plot, int width, String size) {
    Legend legend = Legend.of(plot.clouds().stream().map(Curve::name).toList(), width);
    double top = legend.height() + 2 * Svg.LINE;
    double bottom = top + HEIGHT - 3 * Svg.LINE;
    Axis y =
        Axis.of(
                plot.clouds().stream().flatMap(c -> c.points().stream()).mapToDouble(Point::y),
                bottom,
                top,
                5)
            .rounded();
    double left = 8 + y.ticks().stream().mapToDouble(t -> Svg.widthOf(y.label(t))).max().orElse(20);
    Axis x =
        Axis.of(
                plot.clouds().stream().flatMap(c -> c.points().stream()).mapToDouble(Point::x),
                left,
                width - RIGHT,
                Math.max(2, width / 110))
            .rounded();
    Svg svg = new Svg().open(width, bottom + 2.6 * Svg.LINE, plot.title(), size);
    legend.draw(svg);
    for (double tick : y.ticks()) {
      svg.line("grid", left, y.pixel(tick), width - RIGHT, y.pixel(tick));
      svg.label(left - 6, y.pixel(tick) + 4, "end", y.label(tick), width);
    }
    for (double tick : x.ticks()) {
      svg.line("grid", x.pixel(tick), top, x.pixel(tick), bottom);
      svg.label(x.pixel(tick), bottom + Svg.LINE + 2, "middle", x.label(tick), width);
    }
    svg.label(0, top - Svg.LINE + 2, "start", plot.yLabel(), width);
    svg.label(width - RIGHT, bottom + 2.2 * Svg.LINE, "end", plot.xLabel(), width / 2.0);
    for (int i = 0; i < plot.clouds().size(); i++) {
      for (Point p : plot.clouds().get(i).points()) {
        if (Double.isFinite(p.x()) && Double.isFinite(p.y())) {
          mark(svg, Svg.color(i), x.pixel(p.x()), y.pixel(p.y()));
        }
      }
    }
    return svg.close();
  }

  private static void mark(Svg svg, String color, double x, double y) {
    svg.rectangle(
        "fill " + color + " mark",
        x - MARK / 2.0,
        y - MARK / 2.0,
        MARK,
        MARK,
        " rx=\"" + MARK / 2.0 + "\" fill-opacity=\"0.7\"");
  }
}
