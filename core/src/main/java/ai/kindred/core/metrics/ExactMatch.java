package ai.kindred.core.metrics;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Exact match after the normalisation of Super-NaturalInstructions' evaluation: lower case, ASCII
 * punctuation removed (not replaced by a space, so {@code e-mail} equals {@code email}), runs of
 * white space made one space, ends trimmed. Articles stay, unlike SQuAD's.
 */
public final class ExactMatch {
  // Python's str.split() also splits at the four ASCII separators, which \s leaves out.
  private static final Pattern SPACE =
      Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]+");

  private ExactMatch() {}

  /** Whether the candidate equals any of the references after normalisation. */
  public static boolean matches(List<String> references, String candidate) {
    if (references.isEmpty()) {
      throw new IllegalArgumentException(
          "exact match needs at least one reference, the list is empty");
    }
    String normal = normalize(candidate);
    return references.stream().anyMatch(reference -> normalize(reference).equals(normal));
  }

  /** The text as it is compared. */
  public static String normalize(String text) {
    String letters = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    return SPACE.matcher(letters).replaceAll(" ").strip();
  }
}
