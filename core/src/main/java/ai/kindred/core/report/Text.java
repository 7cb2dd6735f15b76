package ai.kindred.core.report;

/** Text from anywhere, made safe and measured for a page or a terminal. */
final class Text {
  private static final String REPLACEMENT = "\uFFFD";

  private Text() {}

  /** Line ends as spaces, and without anything that could drive a terminal. */
  static String oneLine(String text) {
    return clean(
        text.replace("\r\n", " ").replace('\n', ' ').replace('\r', ' ').replace('\t', ' '));
  }

  /** Control characters, lone surrogates and direction overrides replaced; line ends stay. */
  static String clean(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isHarmful(c)) {
                out.append(REPLACEMENT);
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }

  private static boolean isHarmful(int c) {
    boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
    boolean loneSurrogate = c >= 0xD800 && c <= 0xDFFF;
    boolean direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return control || loneSurrogate || direction || c == 0xFFFE || c == 0xFFFF;
  }

  /** Text for HTML, as content or inside a quoted attribute. */
  static String html(String text) {
    return clean(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** Terminal columns: 0 for combining marks, 2 for East Asian wide characters and emoji. */
  static int width(String text) {
    return text.codePoints().map(Text::width).sum();
  }

  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    boolean wide =
        (c >= 0x1100 && c <= 0x115F)
            || (c >= 0x2E80 && c <= 0xA4CF)
            || (c >= 0xAC00 && c <= 0xD7A3)
            || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0xFE30 && c <= 0xFE6F)
            || (c >= 0xFF00 && c <= 0xFF60)
            || (c >= 0x1F300 && c <= 0x1FAFF)
            || (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
  }

  /** Text cut to a number of terminal columns, with an ellipsis where something is missing. */
  static String cut(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int used = 1;
    for (int c : text.codePoints().toArray()) {
      used += width(c);
      if (used > columns) {
        break;
      }
      out.appendCodePoint(c);
    }
    return out.append('\u2026').toString();
  }

  /** A field of RFC 4180 CSV. */
  static String csv(String field) {
    boolean quoted = field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? '"' + field.replace("\"", "\"\"") + '"' : field;
  }
}
