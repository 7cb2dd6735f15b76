package ai.kindred.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Tables as plain text. */
final class TextTable {
  private static final int GAP = 2;
  private static final int NARROWEST_TEXT = 12;

  private final Table table;
  private final List<List<String>> cells = new ArrayList<>();
  private final int[] widths;

  private TextTable(Table table, int width) {
    this.table = table;
    int columns = table.columns().size();
    cells.add(table.columns().stream().map(c -> Text.oneLine(c.name())).toList());
    for (int r = 0; r < table.rows().size(); r++) {
      int row = r;
      cells.add(
          IntStream.range(0, columns).mapToObj(c -> Text.oneLine(table.shown(row, c))).toList());
    }
    widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      int widest = cells.stream().mapToInt(row -> Text.width(row.get(column))).max().orElse(0);
      widths[c] = Math.min(widest, width);
    }
    narrowText(width);
  }

  static String render(Table table, int width) {
    if (width < 20) {
      throw new IllegalArgumentException("a table needs a width of 20 or more, not " + width);
    }
    TextTable text = new TextTable(table, width);
    StringBuilder out = new StringBuilder();
    for (List<Integer> block : text.blocks(width)) {
      if (out.length() > 0) {
        out.append('\n');
      }
      text.append(out, block);
    }
    return out.toString();
  }

  /** Takes from the widest text column until the table fits or all are narrow. */
  private void narrowText(int width) {
    int excess = IntStream.of(widths).sum() + GAP * (widths.length - 1) - width;
    while (excess > 0) {
      int widest = -1;
      for (int c = 0; c < widths.length; c++) {
        boolean shrinks = !table.columns().get(c).numeric() && widths[c] > NARROWEST_TEXT;
        if (shrinks && (widest < 0 || widths[c] > widths[widest])) {
          widest = c;
        }
      }
      if (widest < 0) {
        return;
      }
      widths[widest]--;
      excess--;
    }
  }

  /** The columns of each stacked block; every block starts with the first column. */
  private List<List<Integer>> blocks(int width) {
    List<List<Integer>> blocks = new ArrayList<>();
    List<Integer> block = new ArrayList<>(List.of(0));
    int used = widths[0];
    for (int c = 1; c < widths.length; c++) {
      if (used + GAP + widths[c] > width && block.size() > 1) {
        blocks.add(block);
        block = new ArrayList<>(List.of(0));
        used = widths[0];
      }
      if (used + GAP + widths[c] > width) {
        widths[c] = Math.max(1, width - used - GAP);
      }
      block.add(c);
      used += GAP + widths[c];
    }
    blocks.add(block);
    return blocks;
  }

  private void append(StringBuilder out, List<Integer> block) {
    for (int r = 0; r < cells.size(); r++) {
      StringBuilder line = new StringBuilder();
      for (int c : block) {
        if (line.length() > 0) {
          line.append(" ".repeat(GAP));
        }
        String cell = Text.cut(cells.get(r).get(c), widths[c]);
        String space = " ".repeat(widths[c] - Text.width(cell));
        line.append(table.columns().get(c).numeric() ? space + cell : cell + space);
      }
      out.append(line.toString().stripTrailing()).append('\n');
      if (r == 0) {
        int rule = block.stream().mapToInt(c -> widths[c]).sum() + GAP * (block.size() - 1);
        out.append("-".repeat(rule)).append('\n');
      }
    }
  }
}
