package ai.kindred.core.data;

import java.util.regex.Pattern;

/** When two inputs are the same text: they differ in nothing but white space. */
final class InputText {
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private InputText() {}

  static boolean same(String a, String b) {
    return normalize(a).equals(normalize(b));
  }

  static String normalize(String text) {
    return SPACE.matcher(text).replaceAll(" ").strip();
  }
}
