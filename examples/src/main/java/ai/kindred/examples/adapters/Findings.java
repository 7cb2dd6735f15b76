package ai.kindred.examples.adapters;

import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an experiment found: sections of text, tables and plots, and the figures as a tree. */
final class Findings {

  private static final int COLUMNS = 110;

  private sealed interface Part {}

  private record Heading(String text) implements Part {}

  private record Paragraph(String text) implements Part {}

  private record Captioned(String caption, Table table) implements Part {}

  private record Drawn(String caption, Plot plot) implements Part {}

  private final String title;
  private final List<Part> parts = new ArrayList<>();
  private final Map<String, Object> figures = new LinkedHashMap<>();

  Findings(String title) {
    this.title = title;
  }

  Findings heading(String text) {
    parts.add(new Heading(text));
    return this;
  }

  Findings text(String text) {
    parts.add(new Paragraph(text));
    return this;
  }

  Findings table(String caption, Table table) {
    parts.add(new Captioned(caption, table));
    return this;
  }

  /** A plot, for the page alone. */
  Findings plot(String caption, Plot plot) {
    parts.add(new Drawn(caption, plot));
    return this;
  }

  /** Figures under a name, for {@code results.json} and {@code --json}. */
  Findings figure(String name, Object value) {
    figures.put(name, value);
    return this;
  }

  Map<String, Object> figures() {
    return figures;
  }

  /** For a terminal. */
  String text() {
    StringBuilder text = new StringBuilder(title).append('\n');
    for (Part part : parts) {
      if (part instanceof Heading heading) {
        text.append("\n== ").append(heading.text).append(" ==\n");
      } else if (part instanceof Paragraph paragraph) {
        text.append(paragraph.text).append('\n');
      } else if (part instanceof Captioned captioned) {
        text.append('\n').append(captioned.caption).append('\n');
        text.append(captioned.table.text(COLUMNS));
      }
    }
    return text.toString().stripTrailing();
  }

  /** Tables as Markdown, for pages of documentation. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    String pending = "";
    for (Part part : parts) {
      if (part instanceof Heading heading) {
        pending = "## " + heading.text + "\n\n";
      } else if (part instanceof Captioned captioned) {
        text.append(pending).append(captioned.caption).append(":\n\n");
        text.append(captioned.table.markdown()).append('\n');
        pending = "";
      }
    }
    return text.toString();
  }

  /** Writes {@code report.html} into a run's folder. */
  Path write(RunDirectory run, Map<String, String> facts) throws IOException {
    HtmlReport page = new HtmlReport(title, run.facts().origin()).facts(run.facts());
    facts.forEach(page::fact);
    for (Part part : parts) {
      if (part instanceof Heading heading) {
        page.heading(heading.text);
      } else if (part instanceof Paragraph paragraph) {
        page.text(paragraph.text);
      } else if (part instanceof Captioned captioned) {
        page.table(captioned.caption, captioned.table);
      } else if (part instanceof Drawn drawn) {
        page.plot(drawn.caption, drawn.plot);
      }
    }
    Path file = run.folder().resolve("report.html");
    page.write(file);
    return file;
  }
}
