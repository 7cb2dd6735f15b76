package ai.kindred.reliability.code;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What the two SEC-DED codes inside the word share: check bit k lies in bit 6 of byte k. */
abstract class InPlaceCode extends ChunkedCode {

  private final long check;
  private final SyndromeTables tables;
  private final long[] encoding;

  /**
   * @param columns column of each bit of the word
   * @param checkBits how many check bits, in bytes 0, 1, ..
   */
  InPlaceCode(int[] columns, int checkBits) {
    int[] places = IntStream.range(0, checkBits).map(k -> 8 * k + 6).toArray();
    tables = new SyndromeTables(columns, places);
    check = Arrays.stream(places).mapToLong(p -> 1L << p).reduce(0, (a, b) -> a | b);
    encoding = new long[1 << checkBits];
    for (int s = 0; s < encoding.length; s++) {
      for (int k = 0; k < checkBits; k++) {
        encoding[s] |= (tables.checkBits(s) >>> k & 1L) << places[k];
      }
    }
  }

  abstract int syndrome(long word);

  @Override
  public final int checkBytes() {
    return 0;
  }

  /** Eight weights as a word in which bit 6 is a copy of bit 7 wherever a check bit goes. */
  long packed(long plain) {
    return plain;
  }

  /** What {@link #packed} was made of. */
  long unpacked(long packed) {
    return packed;
  }

  /** Turns what {@link #packed} made into weights. */
  void unpack(long[] words, int n) {}

  @Override
  public boolean fits(long plain) {
    return ((plain ^ plain >>> 1) & check) == 0;
  }

  /** An encoded word of eight weights that fit. */
  final long encoded(long plain) {
    long data = packed(plain) & ~check;
    return data | encoding[syndrome(data)];
  }

  @Override
  public final long restore(long encoded) {
    return unpacked((encoded & ~check) | (encoded >>> 1 & check));
  }

  @Override
  final void restore(long[] words, int n) {
    restore(words, n, check);
    unpack(words, n);
  }

  private static void restore(long[] words, int n, long check) {
    for (int i = 0; i < n; i++) {
      words[i] = (words[i] & ~check) | (words[i] >>> 1 & check);
    }
  }

  @Override
  final void encode(Words words, int word) {
    words.set(word, encoded(words.get(word)));
  }

  @Override
  final Outcome examine(Words words, int word, DamageHandler handler) {
    while (true) {
      long stored = words.get(word);
      int s = syndrome(stored);
      if (s == 0) {
        return Outcome.INTACT;
      } else if (tables.isSingle(s)) {
        long flipped = tables.inWordOf(s);
        if (words.replace(word, stored, stored ^ flipped)) {
          handler.corrected(word, flipped);
          return Outcome.CORRECTED;
        }
      } else {
        long[] candidates =
            Arrays.stream(tables.candidates(stored, s)).map(this::restore).toArray();
        if (settled(words, word, stored, candidates, handler)) {
          return Outcome.DETECTED;
        }
      }
    }
  }

  @Override
  final boolean rewrite(Words words, int word, long stored, long plain) {
    return words.replace(word, stored, encoded(plain));
  }
}
