package ai.kindred.reliability.code;

/**
 * A copy of some words, small enough for the first cache, and what was found in it. Loops over it
 * have no branches and go over all of it (what is not filled is zero, which every code takes for a
 * word without damage), so that compilers turn them into vector instructions.
 */
final class Chunk {

  /** Most words in a chunk. */
  static final int WORDS = PackedSyndromes.WORDS;

  /** Words {@code i}, {@code i + ROW}, .. {@code i + 7 ROW} share {@code damage[i]}. */
  static final int ROW = PackedSyndromes.ROW;

  final long[] words = new long[WORDS];

  /** Byte k of {@code damage[i]} is 0 where word {@code i + k ROW} has none. */
  final long[] damage = new long[ROW];

  /** Not right behind the words, where its addresses would look like theirs to the processor. */
  final long[] scratch = new long[WORDS];

  final byte[] checks;

  /** Words filled. */
  int n;

  Chunk(int checkBytes) {
    checks = new byte[WORDS * checkBytes];
  }

  /** Copies words in. */
  void read(Words from, int start, int count) {
    n = count;
    from.read(start, words, n);
    for (int i = n; i < WORDS; i++) {
      words[i] = 0;
    }
    if (checks.length > 0) {
      from.readChecks(start, checks, n);
      for (int i = n * from.checkBytes(); i < checks.length; i++) {
        checks[i] = 0;
      }
    }
  }

  /** Syndromes of all words, into {@link #damage}. */
  void syndromes(int rows) {
    PackedSyndromes.of(words, scratch, damage, rows);
  }

  /** What {@link #damage} has for word i, 0 to 255. */
  int damage(int i) {
    return (int) (damage[i % ROW] >>> (8 * (i / ROW))) & 0xff;
  }

  boolean isDamaged() {
    long any = 0;
    for (int i = 0; i < ROW; i++) {
      any |= damage[i];
    }
    return any != 0;
  }

  /** Packs a number of each word, 0 to 255, into {@link #damage}. */
  void pack(long[] ofWords) {
    for (int i = 0; i < ROW; i++) {
      long all = 0;
      for (int k = 0; k < 8; k++) {
        all |= ofWords[i + k * ROW] << (8 * k);
      }
      damage[i] = all;
    }
  }
}
