package ai.kindred.core.lm.jinja;

import java.util.ArrayList;
import java.util.List;

/** Splits a template into text, tags and their words; whitespace control is settled here. */
final class Lexer {
  /** Kinds of {@link Token}. */
  enum Kind {
    TEXT,
    OPEN_OUTPUT,
    CLOSE_OUTPUT,
    OPEN_BLOCK,
    CLOSE_BLOCK,
    NAME,
    STRING,
    INTEGER,
    DECIMAL,
    OPERATOR,
    END
  }

  record Token(Kind kind, String text, int line) {
    boolean is(Kind kind, String text) {
      return this.kind == kind && this.text.equals(text);
    }
  }

  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "(", ")", "[",
          "]", "{", "}", ",", ":", ".", "|", "=");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    // Jinja drops one line end at the end of a template.
    Lexer lexer =
        new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    boolean trimBefore = false;
    while (at < source.length()) {
      int tag = nextTag();
      String text = source.substring(at, tag);
      if (trimBefore) {
        text = text.stripLeading();
        trimBefore = false;
      }
      if (tag < source.length()) {
        text = beforeTag(text, tag);
      }
      if (!text.isEmpty()) {
        add(Kind.TEXT, text);
      }
      count(at, tag);
      at = tag;
      if (tag < source.length()) {
        trimBefore = tag();
      }
    }
    add(Kind.END, "");
  }

  private int nextTag() {
    for (int i = at; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** Text with the blanks before a tag taken away where the tag, or lstrip_blocks, asks for it. */
  private String beforeTag(String text, int tag) {
    char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    if (sign == '-') {
      return text.stripTrailing();
    }
    if (sign == '+' || source.charAt(tag + 1) == '{') {
      return text;
    }
    int start = tag;
    while (start > at && " \t".indexOf(source.charAt(start - 1)) >= 0) {
      start--;
    }
    boolean lineStart = start == 0 || source.charAt(start - 1) == '\n';
    return lineStart ? text.substring(0, Math.max(0, text.length() - (tag - start))) : text;
  }

  /** Reads one tag; true if the text after it is to lose its leading whitespace. */
  private boolean tag() {
    char kind = source.charAt(at + 1);
    at += 2;
    if (kind == '#') {
      int end = source.indexOf("#}", at);
      if (end < 0) {
        throw error("a comment is not closed");
      }
      boolean trim = source.charAt(end - 1) == '-';
      count(at, end);
      at = end + 2;
      skipLineEnd();
      return trim;
    }
    boolean block = kind == '%';
    if (at < source.length() && "-+".indexOf(source.charAt(at)) >= 0 && signs(block)) {
      at++;
    }
    add(block ? Kind.OPEN_BLOCK : Kind.OPEN_OUTPUT, "");
    int braces = 0;
    String close = block ? "%}" : "}}";
    while (true) {
      skipBlanks();
      if (at >= source.length()) {
        throw error("a tag is not closed");
      }
      boolean trim = source.startsWith("-" + close, at);
      boolean keep = block && source.startsWith("+" + close, at);
      if (trim || keep || (braces == 0 && source.startsWith(close, at))) {
        at += trim || keep ? 3 : 2;
        add(block ? Kind.CLOSE_BLOCK : Kind.CLOSE_OUTPUT, "");
        if (block && isRaw()) {
          return raw();
        }
        if (block && !keep && !trim) {
          skipLineEnd();
        }
        return trim;
      }
      braces += word();
    }
  }

  /** A sign after the opening brace is whitespace control, but {@code {{ -1 }}} has a blank. */
  private boolean signs(boolean block) {
    return block || source.charAt(at) == '-';
  }

  private boolean isRaw() {
    int last = tokens.size() - 1;
    return last >= 2
        && tokens.get(last - 1).is(Kind.NAME, "raw")
        && tokens.get(last - 2).kind() == Kind.OPEN_BLOCK;
  }

  private boolean raw() {
    for (int i = 0; i < 3; i++) {
      tokens.remove(tokens.size() - 1);
    }
    int end = source.indexOf("{% endraw %}", at);
    if (end < 0) {
      throw error("raw is not closed by {% endraw %}");
    }
    add(Kind.TEXT, source.substring(at, end));
    count(at, end);
    at = end + "{% endraw %}".length();
    return false;
  }

  private void skipLineEnd() {
    if (at < source.length() && source.charAt(at) == '\n') {
      at++;
      line++;
    }
  }

  private void skipBlanks() {
    int start = at;
    while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
      at++;
    }
    count(start, at);
  }

  /** Reads a word; the change in open braces. */
  private int word() {
    char c = source.charAt(at);
    int start = at;
    if (Character.isLetter(c) || c == '_') {
      while (at < source.length()
          && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
        at++;
      }
      add(Kind.NAME, source.substring(start, at));
    } else if (c >= '0' && c <= '9') {
      number();
    } else if (c == '\'' || c == '"') {
      string(c);
    } else {
      String operator =
          OPERATORS.stream()
              .filter(o -> source.startsWith(o, at))
              .findFirst()
              .orElseThrow(() -> error("unexpected character " + c));
      at += operator.length();
      add(Kind.OPERATOR, operator);
      return operator.equals("{") ? 1 : operator.equals("}") ? -1 : 0;
    }
    return 0;
  }

  private void number() {
    int start = at;
    boolean decimal = false;
    while (at < source.length()) {
      char c = source.charAt(at);
      boolean point =
          c == '.'
              && !decimal
              && at + 1 < source.length()
              && Character.isDigit(source.charAt(at + 1));
      if (!point && !Character.isDigit(c)) {
        break;
      }
      decimal |= point;
      at++;
    }
    add(decimal ? Kind.DECIMAL : Kind.INTEGER, source.substring(start, at));
  }

  private void string(char quote) {
    int first = line;
    StringBuilder text = new StringBuilder();
    at++;
    while (at < source.length() && source.charAt(at) != quote) {
      char c = source.charAt(at++);
      if (c == '\n') {
        line++;
      }
      if (c == '\\' && at < source.length()) {
        escape(text);
      } else {
        text.append(c);
      }
    }
    if (at >= source.length()) {
      throw new JinjaException("line " + first + ": a string is not closed");
    }
    at++;
    tokens.add(new Token(Kind.STRING, text.toString(), first));
  }

  /** Python's escapes; an unknown one stays as it is. */
  private void escape(StringBuilder text) {
    char c = source.charAt(at++);
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case '\\', '\'', '"' -> text.append(c);
      case 'x' -> codePoint(text, 2);
      case 'u' -> codePoint(text, 4);
      default -> text.append('\\').append(c);
    }
  }

  private void codePoint(StringBuilder text, int digits) {
    try {
      text.append((char) Integer.parseInt(source.substring(at, at + digits), 16));
      at += digits;
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw error("a broken escape in a string");
    }
  }

  private void count(int from, int to) {
    for (int i = from; i < to; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private JinjaException error(String problem) {
    return new JinjaException("line " + line + ": " + problem);
  }
}
