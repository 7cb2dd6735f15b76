package ai.kindred.core.lm;

import java.util.List;

/**
 * Lets text through up to the first of some strings, which may come in pieces. Not for use by
 * several threads.
 */
final class StopStrings {

  private final List<String> stops;

  /** What may be the beginning of a stop string. */
  private String held = "";

  private boolean found;

  /**
   * @param stops none of them empty
   */
  StopStrings(List<String> stops) {
    if (stops.contains("")) {
      throw new IllegalArgumentException("a stop string is empty; it needs at least one character");
    }
    this.stops = List.copyOf(stops);
  }

  /** Adds text and returns what now certainly stands before any stop string. */
  String push(String piece) {
    if (found) {
      return "";
    }
    String text = held + piece;
    int end = -1;
    for (String stop : stops) {
      int at = text.indexOf(stop);
      if (at >= 0 && (end < 0 || at < end)) {
        end = at;
      }
    }
    found = end >= 0;
    int certain = found ? end : text.length() - longestBeginning(text);
    held = found ? "" : text.substring(certain);
    return text.substring(0, certain);
  }

  /** Whether a stop string has come. */
  boolean found() {
    return found;
  }

  /** Ends the text: what was held back in case it became a stop string. */
  String finish() {
    String rest = held;
    held = "";
    return rest;
  }

  /** Length of the longest end of the text that a stop string begins with. */
  private int longestBeginning(String text) {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, text.length()); n > longest; n--) {
        if (text.startsWith(stop.substring(0, n), text.length() - n)) {
          longest = n;
        }
      }
    }
    return longest;
  }
}
