package ai.kindred.core.report;

import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tables as Markdown, HTML and CSV. */
final class MarkupTable {
  private MarkupTable() {}

  static String markdown(Table table) {
    StringBuilder out = new StringBuilder();
    out.append(row(table.columns(), c -> markdownCell(c.name())));
    out.append(row(table.columns(), c -> c.numeric() ? "---:" : "---"));
    for (int r = 0; r < table.rows().size(); r++) {
      int row = r;
      List<Integer> columns = IntStream.range(0, table.columns().size()).boxed().toList();
      out.append(row(columns, c -> markdownCell(table.shown(row, c))));
    }
    return out.toString();
  }

  private static <T> String row(List<T> cells, Function<T, String> shown) {
    return cells.stream().map(shown).collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String markdownCell(String text) {
    return Text.oneLine(text)
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("`", "\\`")
        .replace("*", "\\*")
        .replace("_", "\\_");
  }

  static String html(Table table) {
    StringBuilder out = new StringBuilder("<table>\n<thead><tr>");
    for (Column column : table.columns()) {
      out.append(column.numeric() ? "<th class=\"number\" scope=\"col\">" : "<th scope=\"col\">");
      out.append(Text.html(column.name())).append("</th>");
    }
    out.append("</tr></thead>\n<tbody>\n");
    for (int r = 0; r < table.rows().size(); r++) {
      out.append("<tr>");
      for (int c = 0; c < table.columns().size(); c++) {
        out.append(table.columns().get(c).numeric() ? "<td class=\"number\">" : "<td>");
        out.append(Text.html(table.shown(r, c))).append("</td>");
      }
      out.append("</tr>\n");
    }
    return out.append("</tbody>\n</table>\n").toString();
  }

  static String csv(Table table) {
    int columns = table.columns().size();
    List<Boolean> intervals = new ArrayList<>();
    List<String> header = new ArrayList<>();
    for (int c = 0; c < columns; c++) {
      int column = c;
      String name = table.columns().get(c).name();
      boolean interval = table.rows().stream().anyMatch(r -> r.get(column) instanceof Interval);
      intervals.add(interval);
      header.add(name);
      if (interval) {
        header.add(name + "_low");
        header.add(name + "_high");
      }
    }
    StringBuilder out = new StringBuilder(csvLine(header));
    for (List<Object> row : table.rows()) {
      List<String> fields = new ArrayList<>();
      for (int c = 0; c < columns; c++) {
        if (row.get(c) instanceof Interval e) {
          fields.add(Double.toString(e.estimate()));
          fields.add(Double.toString(e.low()));
          fields.add(Double.toString(e.high()));
        } else {
          fields.add(row.get(c).toString());
          if (intervals.get(c)) {
            fields.addAll(List.of("", ""));
          }
        }
      }
      out.append(csvLine(fields));
    }
    return out.toString();
  }

  static String csvLine(List<String> fields) {
    return fields.stream().map(Text::csv).collect(Collectors.joining(",", "", "\r\n"));
  }
}
