package ai.kindred.core.report;

import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table for the terminal, Markdown, HTML and CSV; immutable.
 *
 * <pre>{@code
 * Table scores = Table.of(Column.text("task"), Column.number("ROUGE-L", 1))
 *     .row("title generation", new Interval(41.23, 39.02, 43.07, 0.95))
 *     .row("sentiment", 77.5);
 * System.out.print(scores.text());
 * }</pre>
 *
 * @param columns at least one
 * @param rows each with one cell a column: text, a number, an {@link Interval}, or whatever has a
 *     {@code toString}; an empty text where there is nothing to show
 */
public record Table(List<Column> columns, List<List<Object>> rows) {
  /** The width of a terminal that nobody has widened. */
  private static final int TERMINAL_COLUMNS = 80;

  /** Checks and copies. */
  public Table {
    columns = List.copyOf(columns);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("a table needs at least one column");
    }
    int width = columns.size();
    for (List<Object> row : rows) {
      if (row.size() != width) {
        throw new IllegalArgumentException(
            "row %s has %d cells; the table has %d columns".formatted(row, row.size(), width));
      }
    }
    rows = rows.stream().map(List::copyOf).toList();
  }

  /** A table without rows. */
  public static Table of(Column... columns) {
    return new Table(Arrays.asList(columns), List.of());
  }

  /** This table with one more row. */
  public Table row(Object... cells) {
    List<List<Object>> more = new ArrayList<>(rows);
    more.add(Arrays.asList(cells));
    return new Table(columns, more);
  }

  /** Text for a terminal of 80 columns; ends with a newline. */
  public String text() {
    return text(TERMINAL_COLUMNS);
  }

  /**
   * Text for a terminal. Where the table is too wide, text columns are cut with an ellipsis, and if
   * that is not enough the columns are stacked in blocks, each with the first column. Control
   * characters are replaced, so that a cell cannot drive the terminal.
   *
   * @param width terminal columns, at least 20
   */
  public String text(int width) {
    return TextTable.render(this, width);
  }

  /** GitHub-flavoured Markdown. */
  public String markdown() {
    return MarkupTable.markdown(this);
  }

  /** An HTML {@code table} element; all text is escaped. */
  public String html() {
    return MarkupTable.html(this);
  }

  /**
   * Comma-separated values (RFC 4180) with all digits; a column with intervals becomes three: name,
   * name_low, name_high.
   */
  public String csv() {
    return MarkupTable.csv(this);
  }

  /** Column {@code c} of a row as people read it. */
  String shown(int row, int c) {
    return columns.get(c).format(rows.get(row).get(c));
  }
}
