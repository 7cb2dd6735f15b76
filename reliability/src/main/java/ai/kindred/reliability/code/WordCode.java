package ai.kindred.reliability.code;

import java.util.OptionalLong;

/**
 * A code on words of eight int8 weights. A word is plain (eight weights) or encoded; where the code
 * has check bytes of its own beside the words, the two are the same. Codes have no state and are
 * safe for use by several threads.
 */
public interface WordCode {

  /** Short name, as in tables. */
  String name();

  /** Bytes beside each word of 8 bytes: 0 for codes inside the word. */
  int checkBytes();

  /** Whether eight weights can be encoded without loss. */
  boolean fits(long plain);

  /** Eight weights near to these that can be encoded; nothing where the code has no such notion. */
  default OptionalLong nearest(long plain) {
    return fits(plain) ? OptionalLong.of(plain) : OptionalLong.empty();
  }

  /** The eight weights of an encoded word, not checked. */
  long restore(long encoded);

  /**
   * Encodes plain words in place.
   *
   * @throws IllegalArgumentException where a word does not fit, naming it; words before it are
   *     encoded already
   */
  void encode(Words words);

  /**
   * Checks encoded words and repairs them in place. Others may read, flip and repair the same words
   * meanwhile.
   *
   * @param from first word
   * @param to the word after the last
   */
  Repairs repair(Words words, int from, int to, DamageHandler handler);

  /** Checks and repairs all words. */
  default Repairs repair(Words words, DamageHandler handler) {
    return repair(words, 0, words.count(), handler);
  }

  /**
   * Checks and repairs encoded words, and writes their plain weights.
   *
   * @param plain as many words; may be {@code words} itself, which are then no longer encoded
   */
  Repairs decode(Words words, Words plain, DamageHandler handler);
}
