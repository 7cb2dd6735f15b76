package ai.kindred.examples.pretrain;

import ai.kindred.core.data.InstructionTask.Instance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Texts that may not occur in a document. Compared are letters and digits only: case, punctuation
 * and white space make no difference, and a text must stand as whole words.
 */
public final class ExcludedText {

  /** Fewer words than this are no text but a word, which any document may use. */
  private static final int FEWEST_WORDS = 2;

  // Texts by their first two words, which rules out nearly all places in a document at one look-up.
  private final Map<String, List<String>> byStart = new HashMap<>();

  private ExcludedText() {}

  /**
   * Excludes the inputs of instances.
   *
   * @throws IllegalArgumentException if an input has fewer than two words, which would exclude
   *     nearly everything
   */
  public static ExcludedText inputsOf(List<Instance> instances) {
    ExcludedText excluded = new ExcludedText();
    for (Instance instance : instances) {
      String text = words(instance.input());
      String[] words = text.split(" ", FEWEST_WORDS + 1);
      if (words.length < FEWEST_WORDS) {
        throw new IllegalArgumentException(
            "Instance "
                + instance.id()
                + " has the input \""
                + instance.input()
                + "\", too short to be excluded: two words at least");
      }
      excluded
          .byStart
          .computeIfAbsent(words[0] + " " + words[1], start -> new ArrayList<>())
          .add(text + " ");
    }
    return excluded;
  }

  /** The first excluded text found in a document, in its compared form. */
  public Optional<String> find(String document) {
    String text = words(document) + " ";
    int start = 0;
    int second = text.indexOf(' ') + 1;
    while (second > 0 && second < text.length()) {
      int third = text.indexOf(' ', second) + 1;
      for (String excluded : byStart.getOrDefault(text.substring(start, third - 1), List.of())) {
        if (text.startsWith(excluded, start)) {
          return Optional.of(excluded.strip());
        }
      }
      start = second;
      second = third;
    }
    return Optional.empty();
  }

  /** Lower-case words of letters and digits, one space between. */
  private static String words(String text) {
    StringBuilder words = new StringBuilder(text.length());
    boolean gap = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isLetterOrDigit(c)) {
        if (gap && words.length() > 0) {
          words.append(' ');
        }
        words.appendCodePoint(c);
        gap = false;
      } else {
        gap = true;
      }
    }
    return words.toString().toLowerCase(Locale.ROOT);
  }
}
