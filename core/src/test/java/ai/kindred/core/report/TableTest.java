package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Table SCORES =
      Table.of(Column.text("task"), Column.number("n", 0), Column.number("ROUGE-L", 1))
          .row("title generation", 50, new Interval(41.234, 39.02, 43.07, 0.95))
          .row("a|b *c* <i>", 7L, -0.04)
          .row("line\nend, \"quoted\"", 1, Double.NaN);

  @Test
  void linesUpForATerminal() {
    assertThat(SCORES.text())
        .isEqualTo(
            """
            task                 n            ROUGE-L
            -----------------------------------------
            title generation    50  41.2 [39.0, 43.1]
            a|b *c* <i>          7                0.0
            line end, "quoted"   1                NaN
            """);
  }

  @Test
  void isMarkdown() {
    assertThat(SCORES.markdown())
        .isEqualTo(
            """
            | task | n | ROUGE-L |
            | --- | ---: | ---: |
            | title generation | 50 | 41.2 [39.0, 43.1] |
            | a\\|b \\*c\\* &lt;i> | 7 | 0.0 |
            | line end, "quoted" | 1 | NaN |
            """);
  }

  @Test
  void isHtml() {
    assertThat(SCORES.html())
        .contains("<th scope=\"col\">task</th><th class=\"number\" scope=\"col\">n</th>")
        .contains("<td>a|b *c* &lt;i&gt;</td><td class=\"number\">7</td>")
        .contains("<td class=\"number\">41.2 [39.0, 43.1]</td>")
        .contains("<td>line\nend, &quot;quoted&quot;</td>");
  }

  @Test
  void isCsvWithAllDigits() {
    assertThat(SCORES.csv())
        .isEqualTo(
            "task,n,ROUGE-L,ROUGE-L_low,ROUGE-L_high\r\n"
                + "title generation,50,41.234,39.02,43.07\r\n"
                + "a|b *c* <i>,7,-0.04,,\r\n"
                + "\"line\nend, \"\"quoted\"\"\",1,NaN,,\r\n");
  }

  @Test
  void fitsTheTerminalByCuttingTextAndStackingColumns() {
    List<Column> columns = new ArrayList<>(List.of(Column.text("name"), Column.text("note")));
    List<Object> row = new ArrayList<>(List.of("x".repeat(300), "y".repeat(50)));
    for (int i = 0; i < 12; i++) {
      columns.add(Column.number("measure-" + i, 3));
      row.add(i + 0.5);
    }
    Table wide = new Table(columns, List.of(row));
    for (int width : new int[] {20, 40, 80, 200}) {
      String text = wide.text(width);
      assertThat(text.lines().mapToInt(String::length).max().orElseThrow())
          .isLessThanOrEqualTo(width);
      assertThat(text).contains("\u2026").contains("11.500").contains("name");
    }
    assertThat(wide.text(80).lines().filter(l -> l.startsWith("name"))).hasSizeGreaterThan(1);
    assertThatThrownBy(() -> wide.text(19))
        .hasMessage("a table needs a width of 20 or more, not 19");
  }

  @Test
  void cannotDriveTheTerminalAndLinesUpWideCharacters() {
    String text =
        Table.of(Column.text("a"), Column.text("b"))
            .row("\u001b[31mred\u0007", "1")
            .row("\u65e5\u672c", "2")
            .row("e\u0301\u202e", "3")
            .text();
    assertThat(text)
        .isEqualTo(
            """
            a          b
            ------------
            \uFFFD[31mred\uFFFD  1
            \u65e5\u672c       2
            e\u0301\uFFFD         3
            """);
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    assertThatThrownBy(() -> SCORES.row("a"))
        .hasMessage("row [a] has 1 cells; the table has 3 columns");
    assertThatThrownBy(Table::of).hasMessage("a table needs at least one column");
    assertThatThrownBy(() -> Column.number("x", 18))
        .hasMessage("column 'x' asks for 18 decimals; give 0 to 17");
    assertThat(Table.of(Column.text("empty")).text()).isEqualTo("empty\n-----\n");
  }
}
