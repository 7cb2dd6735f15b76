package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlotTest {

  private static List<String> labels(double... values) {
    Axis axis = Axis.of(DoubleStream.of(values), 0, 100, 5).rounded();
    return axis.ticks().stream().map(axis::label).toList();
  }

  @Test
  void ticksAreRoundNumbersAroundTheData() {
    assertThat(labels(0, 10)).containsExactly("0", "2", "4", "6", "8", "10");
    assertThat(labels(0.13, 0.98)).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
    assertThat(labels(-3, 4)).containsExactly("-4", "-2", "0", "2", "4");
    assertThat(labels(5, 5)).hasSizeBetween(3, 8);
    assertThat(labels(Double.NaN, Double.POSITIVE_INFINITY)).startsWith("0.0").endsWith("1.0");
    assertThat(labels(0, 4e6)).contains("1e+06");
    for (double size : new double[] {1e-290, 1e-12, 1, 1e12, 1e290}) {
      assertThat(labels(-size, size)).hasSizeBetween(3, 12);
      assertThat(labels(size, size * (1 + 1e-15))).hasSizeBetween(2, 12);
    }
  }

  @Test
  void pixelsFollowTheData() {
    Axis axis = new Axis(10, 20, 2, 100, 0);
    assertThat(axis.pixel(10)).isEqualTo(100);
    assertThat(axis.pixel(15)).isEqualTo(50);
    assertThat(axis.pixel(20)).isEqualTo(0);
  }

  @Test
  void smoothsByACentredMeanOfWhatIsFinite() {
    List<Plot.Point> points =
        Stream.of(1.0, 2.0, Double.NaN, 3.0, 10.0).map(y -> new Plot.Point(y, y)).toList();
    assertThat(LinesSvg.smoothed(points, 3).stream().map(Plot.Point::y))
        .containsExactly(1.5, 2.0, 5.0, 6.5);
    assertThat(LinesSvg.smoothed(points, 1)).isSameAs(points);
  }

  @Test
  void aLongCurveStaysSmallAndKeepsItsPeak() {
    List<Plot.Point> points = new ArrayList<>();
    IntStream.range(0, 200_000).forEach(i -> points.add(new Plot.Point(i, i == 77_777 ? 5 : 1)));
    Plot.Lines plot = new Plot.Lines("t", "x", "y", List.of(new Plot.Curve("c", points)), 1);
    String svg = LinesSvg.draw(plot, 400, "wide");
    assertThat(svg.length()).isLessThan(20_000);
    String topTick = svg.substring(svg.indexOf("<line class=\"grid\""));
    List<String> grid = topTick.lines().filter(l -> l.contains("\"grid\"")).toList();
    String y = grid.get(grid.size() - 1).replaceAll(".*y1=\"([^\"]*)\".*", "$1");
    assertThat(svg.lines().filter(l -> l.contains("\"curve c0\"")).findFirst().orElseThrow())
        .as("the peak of 5 lies on the grid line of 5")
        .contains(" " + y + "L");
  }

  @Test
  void breaksALineWhereValuesAreMissing() {
    List<Plot.Point> points =
        Stream.of(1.0, 2.0, Double.NaN, 3.0, 2.0).map(y -> new Plot.Point(y, y)).toList();
    Plot.Lines plot = new Plot.Lines("t", "x", "y", List.of(new Plot.Curve("c", points)), 1);
    String curve =
        LinesSvg.draw(plot, 400, "wide")
            .lines()
            .filter(l -> l.contains("\"curve c0\""))
            .findFirst()
            .orElseThrow();
    assertThat(curve.chars().filter(c -> c == 'M').count()).isEqualTo(2);
    assertThat(curve).doesNotContain("NaN");
  }

  @Test
  void aScatterHasAMarkForEveryFinitePointWhereItLies() {
    List<Plot.Point> points =
        List.of(new Plot.Point(0, 0), new Plot.Point(1, 1), new Plot.Point(Double.NaN, 1));
    Plot.Curve other = new Plot.Curve("b", List.of(new Plot.Point(0.5, 0.5)));
    String svg =
        ScatterSvg.draw(
            new Plot.Scatter("t", "x", "y", List.of(new Plot.Curve("a", points), other)),
            400,
            "wide");
    List<String> first = svg.lines().filter(l -> l.contains("\"fill c0 mark\"")).toList();
    List<String> second = svg.lines().filter(l -> l.contains("\"fill c1 mark\"")).toList();
    assertThat(first).hasSize(2);
    assertThat(second).hasSize(1);
    assertThat(place(second.get(0), "x"))
        .isCloseTo((place(first.get(0), "x") + place(first.get(1), "x")) / 2, within(0.11));
    assertThat(place(first.get(1), "y")).isLessThan(place(first.get(0), "y"));
    assertThat(svg).doesNotContain("NaN");
  }

  private static double place(String mark, String axis) {
    return Double.parseDouble(mark.replaceAll(".* " + axis + "=\"([^\"]*)\".*", "$1"));
  }

  @Test
  void emptyPlotsAreDrawn() {
    assertThat(ScatterSvg.draw(new Plot.Scatter("t", "x", "y", List.of()), 400, "wide"))
        .endsWith("</svg>\n");
    assertThat(LinesSvg.draw(new Plot.Lines("t", "x", "y", List.of(), 1), 400, "wide"))
        .endsWith("</svg>\n");
    assertThat(BarsSvg.draw(new Plot.Bars("t", "v", List.of(), List.of()), 400, "wide"))
        .endsWith("</svg>\n");
    assertThat(
            HeatMapSvg.draw(new Plot.HeatMap("t", List.of(), List.of(), List.of(), 1), 400, "wide"))
        .endsWith("</svg>\n");
  }

  @Test
  void refusesDataThatDoNotFitTogether() {
    assertThatThrownBy(
            () ->
                new Plot.Bars("t", "v", List.of("a", "b"), List.of(Plot.Series.of("before", 1.0))))
        .hasMessage("series 'before' has 1 values for 2 categories");
    assertThatThrownBy(
            () ->
                new Plot.HeatMap(
                    "use", List.of("a"), List.of("e1", "e2"), List.of(List.of(1.0)), 1))
        .hasMessage("the values of heat map 'use' are not 1 rows of 2");
    assertThatThrownBy(() -> new Plot.Lines("t", "x", "y", List.of(), 0))
        .hasMessage("smoothing is 0; give 1 or more points");
  }
}
