package ai.kindred.core.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Refuses split patterns that could backtrack without bound: the tokenizers library aborts the JVM
 * at its regex engine's retry limit, and below it can take hours.
 *
 * <p>What passes is linear in the text: in each alternative, after the first unbounded repetition
 * nothing is required any more, groups are not repeated, and nothing refers back. Alternatives of
 * published tokenizers that are linear for other reasons are known by their text.
 */
final class LinearRegex {
  private static final int MAX_LENGTH = 2000;
  private static final int MAX_CHOICES = 64;

  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String WORD_START = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

  /** Alternatives whose failures are short as long as another one takes what they tried. */
  private static final Map<String, String> LINEAR_BESIDE =
      Map.of(
          "\\s+(?!\\S)",
          "\\s+",
          "\\s*[\\r\\n]+",
          "\\s+",
          "\\s*[\\r\\n]",
          "\\s+",
          WORD_START + UPPER + "*" + LOWER + "+" + CONTRACTION,
          WORD_START + UPPER + "+" + LOWER + "*" + CONTRACTION,
          WORD_START + UPPER + "*" + LOWER + "+",
          WORD_START + UPPER + "+" + LOWER + "*");

  private final String slot;
  private final String pattern;
  private int at;

  private LinearRegex(String slot, String pattern) {
    this.slot = slot;
    this.pattern = pattern;
  }

  /**
   * @param slot part of tokenizer.json that the pattern is in, for the message
   * @throws IllegalArgumentException if the pattern is not known to be linear
   */
  static void check(String slot, String pattern) {
    if (pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          slot + ": pattern of " + pattern.length() + " characters; at most " + MAX_LENGTH);
    }
    List<String> alternatives = new LinearRegex(slot, pattern).split();
    for (String alternative : alternatives) {
      String other = LINEAR_BESIDE.get(alternative);
      if (other == null || !alternatives.contains(other)) {
        LinearRegex reader = new LinearRegex(slot, alternative);
        reader.sequence(0);
        if (reader.at < alternative.length()) {
          throw reader.refused("has an unmatched )");
        }
      }
    }
  }

  /** Alternatives at the top level. */
  private List<String> split() {
    List<String> alternatives = new ArrayList<>();
    int depth = 0;
    int start = 0;
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      if (c == '|' && depth == 0) {
        alternatives.add(pattern.substring(start, at));
        start = at + 1;
      }
      if (c == '(') {
        depth++;
        at++;
      } else if (c == ')') {
        depth--;
        at++;
      } else {
        single();
      }
    }
    alternatives.add(pattern.substring(start));
    return alternatives;
  }

  /**
   * Reads alternatives up to the end or a closing bracket; true if one has unbounded repetition.
   */
  private boolean sequence(int depth) {
    if (depth > 8) {
      throw refused("nests groups more than 8 deep");
    }
    boolean anyUnbounded = false;
    boolean unbounded = false;
    int choices = 1;
    while (at < pattern.length() && pattern.charAt(at) != ')') {
      if (pattern.charAt(at) == '|') {
        at++;
        anyUnbounded |= unbounded;
        unbounded = false;
        choices = 1;
        continue;
      }
      boolean group = pattern.charAt(at) == '(';
      boolean inner = group && group(depth);
      if (!group) {
        single();
      }
      Repeat repeat = repeat();
      if (group && repeat.max() > 1) {
        throw refused("repeats a group");
      }
      if (unbounded && repeat.min() > 0) {
        throw refused("requires something after an unbounded repetition");
      }
      choices *= repeat.max() == Integer.MAX_VALUE ? 1 : repeat.max() - repeat.min() + 1;
      if (choices > MAX_CHOICES) {
        throw refused("has too many optional parts");
      }
      unbounded |= inner || repeat.max() == Integer.MAX_VALUE;
    }
    return anyUnbounded || unbounded;
  }

  private boolean group(int depth) {
    at++;
    boolean look = false;
    if (pattern.startsWith("?", at)) {
      String kind = pattern.substring(at + 1, Math.min(at + 3, pattern.length()));
      if (kind.startsWith("i:")) {
        at += 3;
      } else if (kind.startsWith(":")) {
        at += 2;
      } else if (kind.startsWith("!") || kind.startsWith("=")) {
        at += 2;
        look = true;
      } else {
        throw refused("has a group of a kind that is not supported: (?" + kind);
      }
    }
    boolean unbounded = sequence(depth + 1);
    if (at >= pattern.length()) {
      throw refused("has an unclosed group");
    }
    at++;
    if (look && unbounded) {
      throw refused("looks ahead without bound");
    }
    return unbounded;
  }

  /** Reads one character, escape or class. */
  private void single() {
    char c = pattern.charAt(at++);
    if (c == '\\') {
      escape();
    } else if (c == '[') {
      int open = 1;
      while (open > 0) {
        if (at >= pattern.length()) {
          throw refused("has an unclosed class");
        }
        char inside = pattern.charAt(at++);
        if (inside == '\\') {
          escape();
        } else if (inside == '[') {
          open++;
        } else if (inside == ']') {
          open--;
        }
      }
    }
  }

  private void escape() {
    if (at >= pattern.length()) {
      throw refused("ends in a backslash");
    }
    char c = pattern.charAt(at++);
    if ((c >= '1' && c <= '9') || "kgKXR".indexOf(c) >= 0) {
      throw refused("has \\" + c + ", which is not supported");
    }
    if ((c == 'p' || c == 'P' || c == 'x') && at < pattern.length() && pattern.charAt(at) == '{') {
      int end = pattern.indexOf('}', at);
      if (end < 0) {
        throw refused("has an unclosed \\" + c + "{");
      }
      at = end + 1;
    }
  }

  private record Repeat(int min, int max) {}

  private Repeat repeat() {
    if (at >= pattern.length()) {
      return new Repeat(1, 1);
    }
    Repeat repeat =
        switch (pattern.charAt(at)) {
          case '?' -> new Repeat(0, 1);
          case '*' -> new Repeat(0, Integer.MAX_VALUE);
          case '+' -> new Repeat(1, Integer.MAX_VALUE);
          case '{' -> counted();
          default -> new Repeat(1, 1);
        };
    if (repeat.min() == 1 && repeat.max() == 1) {
      return repeat;
    }
    at++;
    // Lazy or possessive; what is repeated twice more is neither.
    if (at < pattern.length() && "?+".indexOf(pattern.charAt(at)) >= 0) {
      at++;
    }
    if (at < pattern.length() && "?+*{".indexOf(pattern.charAt(at)) >= 0) {
      throw refused("repeats a repetition");
    }
    return repeat;
  }

  /** {@code {m}}, {@code {m,}} or {@code {m,n}}; leaves the place at the closing brace. */
  private Repeat counted() {
    int end = pattern.indexOf('}', at);
    String body = end < 0 ? "" : pattern.substring(at + 1, end);
    if (!body.matches("\\d{1,2}(,\\d{0,2})?")) {
      throw refused("has a count that is not supported: {" + body);
    }
    int comma = body.indexOf(',');
    int min = Integer.parseInt(comma < 0 ? body : body.substring(0, comma));
    int max =
        comma < 0
            ? min
            : comma == body.length() - 1
                ? Integer.MAX_VALUE
                : Integer.parseInt(body.substring(comma + 1));
    if (max < Math.max(1, min) || (max == 1 && min == 1)) {
      throw refused("has a count that is not supported: {" + body + "}");
    }
    at = end;
    return new Repeat(min, max);
  }

  private IllegalArgumentException refused(String why) {
    String shown = pattern.length() <= 120 ? pattern : pattern.substring(0, 120) + "...";
    return new IllegalArgumentException(
        slot + ": pattern " + shown + " " + why + ", so it is not known to take linear time");
  }
}
