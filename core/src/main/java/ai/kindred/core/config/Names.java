package ai.kindred.core.config;

import java.util.Collection;
import java.util.Optional;

/** Names from files in messages: cut to fit, and with suggestions for misspelt ones. */
public final class Names {
  /** Longer names are compared by their first characters, so that hostile ones cost little. */
  private static final int COMPARED = 128;

  private Names() {}

  /**
   * The known name with the least edit distance, if at most a third of its characters (and at least
   * two) would have to change.
   */
  public static Optional<String> nearest(String name, Collection<String> known) {
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = editDistance(name, candidate);
      if (distance < least && distance <= Math.max(2, candidate.length() / 3)) {
        least = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code "; did you mean `x`?"}, or nothing where no known name is near. */
  public static String didYouMean(String name, Collection<String> known) {
    return nearest(name, known).map(n -> "; did you mean `" + n + "`?").orElse("");
  }

  /** A name from a file, fit for a message: short and on one line. */
  public static String printable(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= COMPARED ? line : line.substring(0, COMPARED) + "...";
  }

  /** Levenshtein's distance: least number of characters inserted, removed or replaced. */
  static int editDistance(String a, String b) {
    int n = Math.min(a.length(), COMPARED);
    int m = Math.min(b.length(), COMPARED);
    int[] row = new int[m + 1];
    for (int j = 0; j <= m; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= n; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= m; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[m];
  }
}
