package ai.kindred.core.report;

import ai.kindred.core.metrics.Interval;
import ai.kindred.core.report.Plot.Series;
import java.util.stream.DoubleStream;

/** Draws horizontal bars: names of any length have room, on a phone above their bars. */
final class BarsSvg {
  private static final int BAR = 14;

  /** Room for half of the last tick's label, in pixels. */
  private static final int RIGHT = 20;

  private static final int GAP = 14;

  private BarsSvg() {}

  static String draw(Plot.Bars plot, int width, String size) {
    boolean narrow = width < 500;
    Legend legend = Legend.of(plot.series().stream().map(Series::name).toList(), width);
    double names =
        plot.categories().stream().mapToDouble(c -> Svg.widthOf(Text.oneLine(c))).max().orElse(0);
    double left = narrow ? RIGHT : Math.min(names, width * 0.35) + 10;
    double name = narrow ? Svg.LINE : 0;
    double group = name + plot.series().size() * (double) BAR + GAP;
    double top = legend.height() + 4;
    double bottom = top + plot.categories().size() * group;
    Axis x =
        Axis.of(
                DoubleStream.concat(
                    DoubleStream.of(0),
                    plot.series().stream()
                        .flatMap(s -> s.values().stream())
                        .flatMapToDouble(v -> DoubleStream.of(v.estimate(), v.low(), v.high()))),
                left,
                width - RIGHT,
                narrow ? 4 : 6)
            .rounded();
    Svg svg = new Svg().open(width, bottom + 2.6 * Svg.LINE, plot.title(), size);
    legend.draw(svg);
    for (double tick : x.ticks()) {
      svg.line("grid", x.pixel(tick), top, x.pixel(tick), bottom);
      svg.label(x.pixel(tick), bottom + Svg.LINE, "middle", x.label(tick), width);
    }
    svg.label(width - RIGHT, bottom + 2.3 * Svg.LINE, "end", plot.valueLabel(), width / 2.0);
    for (int c = 0; c < plot.categories().size(); c++) {
      double y = top + c * group + GAP / 2.0;
      String category = plot.categories().get(c);
      if (narrow) {
        svg.label(0, y + 11, "start", category, width);
      } else {
        double middle = y + plot.series().size() * BAR / 2.0 + 4;
        svg.label(left - 10, middle, "end", category, left - 10);
      }
      for (int s = 0; s < plot.series().size(); s++) {
        bar(svg, x, y + name + s * (double) BAR, plot.series().get(s).values().get(c), s);
      }
    }
    svg.line("axis", x.pixel(0), top, x.pixel(0), bottom);
    return svg.close();
  }

  private static void bar(Svg svg, Axis x, double y, Interval value, int series) {
    double zero = x.pixel(0);
    double end = x.pixel(value.estimate());
    svg.rectangle(
        "fill " + Svg.color(series), Math.min(zero, end), y, Math.abs(end - zero), BAR - 2, "");
    if (value.low() < value.high()) {
      double middle = y + BAR / 2.0 - 1;
      svg.line("whisker", x.pixel(value.low()), middle, x.pixel(value.high()), middle);
      svg.line("whisker", x.pixel(value.low()), middle - 3, x.pixel(value.low()), middle + 3);
      svg.line("whisker", x.pixel(value.high()), middle - 3, x.pixel(value.high()), middle + 3);
    }
  }
}
