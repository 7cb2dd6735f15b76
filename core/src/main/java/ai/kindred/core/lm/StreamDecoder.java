package ai.kindred.core.lm;

import java.util.Arrays;

/**
 * Text of token ids that arrive one by one. What it gives, joined, is the text of all ids at once;
 * a character whose bytes are spread over several tokens is given once it is whole. Not for use by
 * several threads.
 */
public final class StreamDecoder {
  /** A character has at most four bytes, so a longer run of these can only be broken text. */
  private static final int MAX_PENDING = 4;

  private static final int MAX_WINDOW = 64;
  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final boolean skipSpecial;

  /** Ids whose text is not settled, after one whose text is: spaces depend on what is before. */
  private int[] window = new int[0];

  /** Length of the window's text that has been given. */
  private int given;

  StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
  }

  /** Adds a token and returns the text that is now certain, often empty. */
  public String push(int id) {
    window = Arrays.copyOf(window, window.length + 1);
    window[window.length - 1] = id;
    String text = tokenizer.decode(window, skipSpecial);
    int whole = text.length();
    while (whole > 0 && text.charAt(whole - 1) == REPLACEMENT) {
      whole--;
    }
    int certain = Math.max(whole, text.length() - MAX_PENDING);
    boolean settled = certain == text.length();
    if (window.length >= MAX_WINDOW) {
      certain = text.length();
      settled = true;
    }
    String added = take(text, certain);
    if (settled) {
      int[] last = {id};
      int length = tokenizer.decode(last, skipSpecial).length();
      if (length > 0 || window.length >= MAX_WINDOW) {
        window = last;
        given = length;
      }
    }
    return added;
  }

  /** Ends the text: what was held back, broken characters as U+FFFD. Then a new text may begin. */
  public String finish() {
    String text = tokenizer.decode(window, skipSpecial);
    String rest = take(text, text.length());
    window = new int[0];
    given = 0;
    return rest;
  }

  private String take(String text, int end) {
    if (end <= given) {
      return "";
    }
    String added = text.substring(given, end);
    given = end;
    return added;
  }
}
