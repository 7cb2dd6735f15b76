package ai.kindred.core.report;

import java.util.List;
import java.util.Locale;

/** Draws a heat map; the darker the colour the larger the value, from the least to the largest. */
final class HeatMapSvg {
  private static final int ROW = 24;

  private HeatMapSvg() {}

  static String draw(Plot.HeatMap plot, int width, String size) {
    boolean narrow = width < 500;
    double names =
        plot.rows().stream().mapToDouble(c -> Svg.widthOf(Text.oneLine(c))).max().orElse(0);
    double left = Math.min(names, width * (narrow ? 0.3 : 0.35)) + 8;
    double cell = Math.min(72, (width - left) / Math.max(1, plot.columns().size()));
    double top = Svg.LINE + 8;
    Svg svg =
        new Svg().open(width, top + plot.rows().size() * (double) ROW + 4, plot.title(), size);
    var range =
        plot.values().stream()
            .flatMap(List::stream)
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite)
            .summaryStatistics();
    double span = range.getMax() - range.getMin();
    for (int c = 0; c < plot.columns().size(); c++) {
      svg.label(left + (c + 0.5) * cell, Svg.LINE, "middle", plot.columns().get(c), cell - 2);
    }
    for (int r = 0; r < plot.rows().size(); r++) {
      double y = top + r * (double) ROW;
      svg.label(left - 8, y + 16, "end", plot.rows().get(r), left - 8);
      for (int c = 0; c < plot.columns().size(); c++) {
        double value = plot.values().get(r).get(c);
        if (Double.isFinite(value)) {
          double share = span > 0 ? (value - range.getMin()) / span : 0.5;
          cell(svg, plot, left + c * cell, y, cell, value, share);
        }
      }
    }
    return svg.close();
  }

  private static void cell(
      Svg svg, Plot.HeatMap plot, double x, double y, double width, double value, double share) {
    String opacity = String.format(Locale.ROOT, " fill-opacity=\"%.2f\"", 0.08 + 0.92 * share);
    svg.rectangle("fill c0", x + 1, y + 1, width - 2, ROW - 2, opacity);
    String figure = String.format(Locale.ROOT, "%." + plot.decimals() + "f", value);
    if (Svg.widthOf(figure) <= width) {
      String kind = share > 0.55 ? "label on" : "label in";
      svg.text(kind, x + width / 2, y + 16, "middle", figure);
    }
  }
}
