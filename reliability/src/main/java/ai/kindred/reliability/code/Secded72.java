package ai.kindred.reliability.code;

import java.util.stream.IntStream;

/**
 * SEC-DED (72,64): eight check bits in a byte beside the word, as memory modules with ECC have it
 * (Hsiao, 1970). Takes any weights, and 12.5 % more memory.
 *
 * <p>Parity-check matrix: the eight rows of {@link Syndromes} for the word; the check bits have
 * eight of the 64 odd columns that are left, {@code (not e(x), 1, x)} for x = 0, the six units, and
 * x = 9 whose e is 1, which makes them independent. The check byte holds the bits whose columns sum
 * up to the word's syndrome.
 */
public final class Secded72 extends ChunkedCode {

  /** Columns of the check bits. */
  private static final int[] CHECK_COLUMNS = {
    0xc0, 0xc1, 0xc2, 0xc4, 0xc8, 0xd0, 0xe0, 0x49,
  };

  private final SyndromeTables tables;
  private final long[] columnsOf = new long[256];

  /** The code. */
  public Secded72() {
    int[] columns =
        IntStream.concat(
                IntStream.range(0, 64).map(i -> Syndromes.eight(i / 8, i % 8)),
                IntStream.of(CHECK_COLUMNS))
            .toArray();
    tables = new SyndromeTables(columns, IntStream.range(64, 72).toArray());
    for (int check = 0; check < 256; check++) {
      for (int k = 0; k < 8; k++) {
        columnsOf[check] ^= (check >> k & 1L) * CHECK_COLUMNS[k];
      }
    }
  }

  @Override
  public String name() {
    return "SEC-DED (72,64)";
  }

  @Override
  public int checkBytes() {
    return 1;
  }

  @Override
  public boolean fits(long plain) {
    return true;
  }

  @Override
  public long restore(long encoded) {
    return encoded;
  }

  @Override
  void restore(long[] words, int n) {}

  private int checkOf(long word) {
    return tables.checkBits((int) Syndromes.eight(word));
  }

  @Override
  void encode(Chunk chunk) {
    chunk.syndromes(0xff);
    for (int i = 0; i < chunk.n; i++) {
      chunk.checks[i] = (byte) tables.checkBits(chunk.damage(i));
    }
  }

  @Override
  void detect(Chunk chunk) {
    chunk.syndromes(0xff);
    for (int k = 0; k < 8; k++) {
      add(chunk.damage, chunk.checks, k, columnsOf);
    }
  }

  private static void add(long[] damage, byte[] checks, int k, long[] columnsOf) {
    for (int i = 0; i < Chunk.ROW; i++) {
      damage[i] ^= columnsOf[checks[i + k * Chunk.ROW] & 0xff] << (8 * k);
    }
  }

  @Override
  Outcome examine(Words words, int word, DamageHandler handler) {
    while (true) {
      long stored = words.get(word);
      int check = words.check(word, 0);
      if (words.get(word) != stored) {
        continue; // another repair came between: the two do not belong together
      }
      int s = (int) (Syndromes.eight(stored) ^ columnsOf[check]);
      if (s == 0) {
        return Outcome.INTACT;
      } else if (tables.isSingle(s)) {
        long flipped = tables.inWordOf(s);
        if (flipped == 0 || words.replace(word, stored, stored ^ flipped)) {
          words.setCheck(word, 0, check ^ tables.inCheckOf(s));
          handler.corrected(word, flipped);
          return Outcome.CORRECTED;
        }
      } else if (settled(words, word, stored, tables.candidates(stored, s), handler)) {
        return Outcome.DETECTED;
      }
    }
  }

  @Override
  boolean rewrite(Words words, int word, long stored, long plain) {
    if (!words.replace(word, stored, plain)) {
      return false;
    }
    words.setCheck(word, 0, checkOf(plain));
    return true;
  }
}
