package ai.kindred.reliability.code;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What SEC-DED codes inside the word share, wherever they have their check bits. */
abstract class SecdedInWord extends ChunkedCode {

  final SyndromeTables tables;
  private final int rows;

  /**
   * @param checkBits how many check bits: 7 or 8 rows of {@link Syndromes}
   * @param places where they lie
   */
  SecdedInWord(int checkBits, int... places) {
    tables =
        new SyndromeTables(
            IntStream.range(0, 64)
                .map(
                    i ->
                        checkBits == 8
                            ? Syndromes.eight(i / 8, i % 8)
                            : Syndromes.seven(i / 8, i % 8))
                .toArray(),
            places);
    rows = (1 << checkBits) - 1;
  }

  final int syndrome(long word) {
    return (int) Syndromes.eight(word) & rows;
  }

  /** Syndromes of all words, into {@link Chunk#damage}. */
  final void syndromes(Chunk chunk) {
    chunk.syndromes(rows);
  }

  /** An encoded word of eight weights that fit. */
  abstract long encoded(long plain);

  @Override
  public final int checkBytes() {
    return 0;
  }

  @Override
  final void detect(Chunk chunk) {
    syndromes(chunk);
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
