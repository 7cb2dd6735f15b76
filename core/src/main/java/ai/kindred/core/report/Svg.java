package ai.kindred.core.report;

import java.util.Locale;

/**
 * Writes SVG elements. Text is real text, so it can be selected, searched and read aloud; colours
 * are classes of the page's style sheet.
 */
final class Svg {
  /** Height of a line of labels, in pixels. */
  static final int LINE = 16;

  /** Width of a letter of a 12-pixel label in a wide face, in pixels; labels are cut by it. */
  static final double LETTER = 7.4;

  private final StringBuilder out = new StringBuilder();

  Svg open(int width, double height, String title, String size) {
    return add(
        "<svg class=\"%s\" viewBox=\"0 0 %d %s\" width=\"%d\" height=\"%s\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(size, width, number(height), width, number(height), Text.html(title)));
  }

  String close() {
    return add("</svg>\n").out.toString();
  }

  Svg line(String kind, double x1, double y1, double x2, double y2) {
    return add(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
            .formatted(kind, number(x1), number(y1), number(x2), number(y2)));
  }

  Svg rectangle(String kind, double x, double y, double width, double height, String attributes) {
    return add(
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"%s/>\n"
            .formatted(kind, number(x), number(y), number(width), number(height), attributes));
  }

  Svg path(String kind, String path) {
    return path.isEmpty() ? this : add("<path class=\"%s\" d=\"%s\"/>\n".formatted(kind, path));
  }

  /** A label; {@code anchor} is start, middle or end. */
  Svg text(String kind, double x, double y, String anchor, String text) {
    return add(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
            .formatted(kind, number(x), number(y), anchor, Text.html(Text.oneLine(text))));
  }

  /** A label cut to a width in pixels. */
  Svg label(double x, double y, String anchor, String text, double width) {
    return text("label", x, y, anchor, cut(text, width));
  }

  private Svg add(String text) {
    out.append(text);
    return this;
  }

  static String cut(String text, double width) {
    return Text.cut(Text.oneLine(text), Math.max(1, (int) (width / LETTER)));
  }

  static double widthOf(String text) {
    return Text.width(text) * LETTER;
  }

  /** A coordinate with at most one decimal. */
  static String number(double x) {
    String text = String.format(Locale.ROOT, "%.1f", x);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** The class of the i-th colour; the six colours come round again. */
  static String color(int i) {
    return "c" + i % 6;
  }
}
