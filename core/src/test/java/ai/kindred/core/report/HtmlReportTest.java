package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  @TempDir Path folder;

  @Test
  void escapesEveryTextItIsGiven() {
    String html = SampleReport.report().html();
    assertThat(html).doesNotContain("<script").doesNotContain("<img").doesNotContain("\"window");
    assertThat(html).contains("&lt;script&gt;window.hacked=1&lt;/script&gt;");
    assertThat(html.split("</style>", -1)).hasSize(2);
    assertThat(html.split("</title>", -1)).hasSize(2);
    assertThat(html).doesNotContain("http://").doesNotContain("https://").doesNotContain("url(");
  }

  @Test
  void saysWhereEveryFigureComesFrom() {
    Plot plot = new Plot.Bars("b", "v", List.of(), List.of());
    Table table = Table.of(Column.text("a"));
    String html =
        new HtmlReport("t", new Origin("kindred finetune --steps 5", 41))
            .table("own", table)
            .plot("own", plot)
            .table("other", table, new Origin("kindred bench lm", 42))
            .plot("other", plot, new Origin("kindred score", 43))
            .html();
    assertThat(html)
        .contains("<dt>Command</dt><dd>kindred finetune --steps 5</dd>")
        .contains("<dt>Seed</dt><dd>41</dd>")
        .contains("from kindred bench lm (seed 42)")
        .contains("from kindred score (seed 43)");
    assertThatThrownBy(() -> new Origin(" ", 1))
        .hasMessageContaining("the command of an origin is blank");
  }

  @Test
  void isTheSameTextForTheSameContent() {
    assertThat(SampleReport.report().html()).isEqualTo(SampleReport.report().html());
  }

  @Test
  void replacesAFileAsAWholeAndLeavesNoDraft() throws IOException {
    Path page = folder.resolve("deep/er/report.html");
    new HtmlReport("one", new Origin("c", 1)).write(page);
    new HtmlReport("two", new Origin("c", 1)).write(page);
    assertThat(page).content().contains("<h1>two</h1>");
    try (Stream<Path> files = Files.list(page.getParent())) {
      assertThat(files).containsExactly(page);
    }
    Path blocked = Files.writeString(folder.resolve("file"), "x").resolve("report.html");
    assertThatThrownBy(() -> new HtmlReport("one", new Origin("c", 1)).write(blocked))
        .isInstanceOf(IOException.class);
  }
}
