package ai.kindred.core.report;

import ai.kindred.core.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One self-contained HTML page: no script, no request to anywhere, light or dark as the reader's
 * system asks, readable on a phone. All text is escaped. The command and the seed that gave the
 * figures stand at the top; a figure from another run carries its own.
 *
 * <pre>{@code
 * new HtmlReport("Many tasks, one model", origin)
 *     .fact("Model", "SmolLM2-135M")
 *     .heading("Scores")
 *     .table("Held-out ROUGE-L by task", scores)
 *     .plot("Training loss", loss)
 *     .write(folder.resolve("report.html"));
 * }</pre>
 */
public final class HtmlReport {
  private static final int WIDE = 860;
  private static final int NARROW = 350;

  private final String title;
  private final Origin origin;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private final StringBuilder body = new StringBuilder();

  /** An empty page about what a command gave. */
  public HtmlReport(String title, Origin origin) {
    this.title = title;
    this.origin = origin;
    facts.put("Command", origin.command());
    facts.put("Seed", String.valueOf(origin.seed()));
  }

  /** A line of the facts at the top; the same name replaces. */
  public HtmlReport fact(String name, String value) {
    facts.put(name, value);
    return this;
  }

  /** The facts of a run: status, times, versions, source and data. */
  public HtmlReport facts(RunFacts run) {
    facts.putAll(run.shown());
    return this;
  }

  /** Starts a section. */
  public HtmlReport heading(String text) {
    return add("<h2>" + Text.html(text) + "</h2>\n");
  }

  /** A paragraph; line ends stay. */
  public HtmlReport text(String text) {
    return add("<p>" + Text.html(text) + "</p>\n");
  }

  /** Text as it is, such as what a model wrote. */
  public HtmlReport verbatim(String text) {
    return add("<pre>" + Text.html(text) + "</pre>\n");
  }

  /** A table of this run. */
  public HtmlReport table(String caption, Table table) {
    return table(caption, table, origin);
  }

  /** A table from another command or seed. */
  public HtmlReport table(String caption, Table table, Origin from) {
    return figure(caption, from, "<div class=\"scroll\">" + table.html() + "</div>");
  }

  /** A plot of this run. */
  public HtmlReport plot(String caption, Plot plot) {
    return plot(caption, plot, origin);
  }

  /** A plot from another command or seed. */
  public HtmlReport plot(String caption, Plot plot, Origin from) {
    return figure(caption, from, svg(plot, WIDE, "wide") + svg(plot, NARROW, "narrow"));
  }

  /** The plot as SVG for an inline use in a page with this report's style sheet. */
  private static String svg(Plot plot, int width, String size) {
    if (plot instanceof Plot.Lines lines) {
      return LinesSvg.draw(lines, width, size);
    } else if (plot instanceof Plot.Bars bars) {
      return BarsSvg.draw(bars, width, size);
    } else if (plot instanceof Plot.Scatter scatter) {
      return ScatterSvg.draw(scatter, width, size);
    } else {
      return HeatMapSvg.draw((Plot.HeatMap) plot, width, size);
    }
  }

  private HtmlReport figure(String caption, Origin from, String content) {
    String line =
        from.equals(origin)
            ? ""
            : "<span class=\"origin\">from " + Text.html(from.toString()) + "</span>";
    return add(
        "<figure><figcaption>%s%s</figcaption>\n%s</figure>\n"
            .formatted(Text.html(caption), line, content));
  }

  private HtmlReport add(String html) {
    body.append(html);
    return this;
  }

  /** The page. */
  public String html() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("style-src 'unsafe-inline'; img-src data:\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>")
        .append(Text.html(title))
        .append("</title>\n<style>\n")
        .append(style())
        .append("</style>\n</head>\n<body>\n<main>\n<h1>")
        .append(Text.html(title))
        .append("</h1>\n<dl class=\"facts\">\n");
    facts.forEach(
        (name, value) ->
            page.append("<dt>%s</dt><dd>%s</dd>\n".formatted(Text.html(name), Text.html(value))));
    return page.append("</dl>\n").append(body).append("</main>\n</body>\n</html>\n").toString();
  }

  /**
   * Writes the page; a reader never sees half of it.
   *
   * @throws IOException if the file cannot be written; an older one is then unharmed
   */
  public void write(Path file) throws IOException {
    AtomicFiles.writeString(file, html());
  }

  private static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks ai/kindred/core/report/report.css");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
