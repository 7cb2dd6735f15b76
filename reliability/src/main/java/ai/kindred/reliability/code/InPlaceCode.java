package ai.kindred.reliability.code;

import java.util.Arrays;
import java.util.stream.IntStream;

/** SEC-DED inside the word where check bit k lies in bit 6 of byte k, in place of a sign's copy. */
abstract class InPlaceCode extends SecdedInWord {

  private final long check;
  private final long[] encoding;

  /**
   * @param checkBits how many check bits, in bytes 0, 1, ..
   */
  InPlaceCode(int checkBits) {
    super(checkBits, places(checkBits));
    int[] places = places(checkBits);
    check = Arrays.stream(places).mapToLong(p -> 1L << p).reduce(0, (a, b) -> a | b);
    encoding = new long[1 << checkBits];
    for (int s = 0; s < encoding.length; s++) {
      for (int k = 0; k < checkBits; k++) {
        encoding[s] |= (tables.checkBits(s) >>> k & 1L) << places[k];
      }
    }
  }

  private static int[] places(int checkBits) {
    return IntStream.range(0, checkBits).map(k -> 8 * k + 6).toArray();
  }

  /** Eight weights as a word in which bit 6 is a copy of bit 7 wherever a check bit goes. */
  long packed(long plain) {
    return plain;
  }

  /** What {@link #packed} was made of. */
  long unpacked(long packed) {
    return packed;
  }

  /** {@link #packed} for all words. */
  void pack(long[] words) {}

  /** {@link #unpacked} for n words. */
  void unpack(long[] words, int n) {}

  @Override
  public boolean fits(long plain) {
    return ((plain ^ plain >>> 1) & check) == 0;
  }

  @Override
  boolean fit(long[] words) {
    return differences(words, check) == 0;
  }

  /** Bits 6 that are not as bits 7 are, of all words. */
  private static long differences(long[] words, long check) {
    long any = 0;
    for (int i = 0; i < Chunk.WORDS; i++) {
      any |= (words[i] ^ words[i] >>> 1) & check;
    }
    return any;
  }

  @Override
  final long encoded(long plain) {
    long data = packed(plain) & ~check;
    return data | encoding[syndrome(data)];
  }

  @Override
  final void encode(Chunk chunk) {
    pack(chunk.words);
    clear(chunk.words, check);
    syndromes(chunk);
    for (int k = 0; k < 8; k++) {
      addChecks(chunk.words, chunk.damage, k, encoding);
    }
  }

  private static void clear(long[] words, long check) {
    for (int i = 0; i < Chunk.WORDS; i++) {
      words[i] &= ~check;
    }
  }

  private static void addChecks(long[] words, long[] syndromes, int k, long[] encoding) {
    for (int i = 0; i < Chunk.ROW; i++) {
      words[i + k * Chunk.ROW] |= encoding[(int) (syndromes[i] >>> (8 * k)) & 0xff];
    }
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
      words[i] ^= (words[i] ^ words[i] >>> 1) & check;
    }
  }
}
