package ai.kindred.reliability.code;

/**
 * The syndromes of {@value #WORDS} words at once, eight of them packed into each long: byte k of
 * {@code packed[i]} is {@link Syndromes#eight} of {@code words[k ROW + i]}.
 *
 * <p>A syndrome is seven or eight parities. One at a time, each would use a bit of a long; so eight
 * words are folded into one another as they shrink: where a word has been reduced to half its bits,
 * two words share a long. With b and j the binary digits of a bit's byte and of its place there,
 * the steps halve b2, b1, b0, then j2, j1, j0. What each half holds alone is a stream of its own:
 *
 * <pre>
 *   all     the sum of all bytes        ones, and with masks on j the rows i
 *   b0 b1 b2     of those with the digit set         rows b
 *   q01 q02 q12 q012   with two or three of them set   what g and e add
 * </pre>
 *
 * <p>Each step is a loop of its own because compilers unroll, and so vectorise, small ones only
 * (HotSpot 17: bodies of fewer than 60 nodes), and is called through an array so that each is
 * compiled apart. Streams lie in rows of {@code scratch}.
 */
final class PackedSyndromes {

  /** Words at once. */
  static final int WORDS = 1024;

  /** Longs of packed syndromes. */
  static final int ROW = WORDS / 8;

  private static final int R1 = ROW;
  private static final int R2 = 2 * ROW;
  private static final int R3 = 3 * ROW;
  private static final int R4 = 4 * ROW;
  private static final int R5 = 5 * ROW;
  private static final int R6 = 6 * ROW;
  private static final int R7 = 7 * ROW;

  /** The lower half of each 64, 32, 16, 8, 4 and 2 bits. */
  private static final long HALF32 = 0x00000000ffffffffL;

  private static final long HALF16 = 0x0000ffff0000ffffL;
  private static final long HALF8 = 0x00ff00ff00ff00ffL;
  private static final long HALF4 = 0x0f0f0f0f0f0f0f0fL;
  private static final long HALF2 = 0x3333333333333333L;
  private static final long HALF1 = 0x5555555555555555L;

  /** Bits whose place in the byte has j0, j1, j2 set. */
  private static final long J0 = ~HALF1;

  private static final long J1 = ~HALF2;
  private static final long J2 = ~HALF4;

  /** A loop over all words. */
  private interface Step {
    void run(long[] words, long[] scratch, long[] packed, long rows);
  }

  /** In their order; inlined into one method, some would stay scalar. */
  private static final Step[] STEPS = {
    (words, scratch, packed, rows) -> halve(words, scratch),
    (words, scratch, packed, rows) -> halveFirst(scratch),
    (words, scratch, packed, rows) -> halveSecond(scratch),
    (words, scratch, packed, rows) -> rowsOfFirst(scratch),
    (words, scratch, packed, rows) -> rowsOfSecond(scratch),
    (words, scratch, packed, rows) -> join(scratch, packed, rows),
  };

  private PackedSyndromes() {}

  /**
   * Fills in syndromes.
   *
   * @param words {@value #WORDS} words, which stay as they are
   * @param scratch as many longs
   * @param packed {@link #ROW} longs, the results
   * @param rows which rows of the matrix are wanted, a bit each: 127 or 255
   */
  static void of(long[] words, long[] scratch, long[] packed, int rows) {
    for (Step step : STEPS) {
      step.run(words, scratch, packed, rows * 0x0101010101010101L);
    }
  }

  /** Halves b2, then b1: what two longs have in their upper halves, and the sums of both halves. */
  private static void halve(long[] words, long[] to) {
    for (int i = 0; i < R2; i++) {
      long a = words[i];
      long b = words[i + R2];
      long c = words[i + R4];
      long d = words[i + R6];
      long m = (a >>> 32 ^ c) & HALF32;
      long n = (b >>> 32 ^ d) & HALF32;
      long upperA = c ^ m;
      long upperB = d ^ n;
      long sumA = a ^ m << 32 ^ upperA;
      long sumB = b ^ n << 32 ^ upperB;
      long p = (sumA >>> 16 ^ sumB) & HALF16;
      long q = (upperA >>> 16 ^ upperB) & HALF16;
      long b1 = sumB ^ p;
      long q12 = upperB ^ q;
      to[i] = sumA ^ p << 16 ^ b1;
      to[i + R2] = b1;
      to[i + R4] = upperA ^ q << 16 ^ q12;
      to[i + R6] = q12;
    }
  }

  /** Halves b0: all, b0, b1, q01 in rows 0 to 3. */
  private static void halveFirst(long[] a) {
    for (int i = 0; i < ROW; i++) {
      long s = a[i];
      long t = a[i + R1];
      long u = a[i + R2];
      long v = a[i + R3];
      long m = (s >>> 8 ^ t) & HALF8;
      long n = (u >>> 8 ^ v) & HALF8;
      long b0 = t ^ m;
      long q01 = v ^ n;
      a[i] = s ^ m << 8 ^ b0;
      a[i + R1] = b0;
      a[i + R2] = u ^ n << 8 ^ q01;
      a[i + R3] = q01;
    }
  }

  /** Halves b0: b2, q02, q12, q012 in rows 4 to 7. */
  private static void halveSecond(long[] a) {
    for (int i = 0; i < ROW; i++) {
      long s = a[i + R4];
      long t = a[i + R5];
      long u = a[i + R6];
      long v = a[i + R7];
      long m = (s >>> 8 ^ t) & HALF8;
      long n = (u >>> 8 ^ v) & HALF8;
      long q02 = t ^ m;
      long q012 = v ^ n;
      a[i + R4] = s ^ m << 8 ^ q02;
      a[i + R5] = q02;
      a[i + R6] = u ^ n << 8 ^ q012;
      a[i + R7] = q012;
    }
  }

  /** Row 2: i0 and b1, a nibble each; row 3: the first part of e. */
  private static void rowsOfFirst(long[] a) {
    for (int i = 0; i < ROW; i++) {
      long all = a[i];
      long b0 = a[i + R1];
      long b1 = a[i + R2];
      long q01 = a[i + R3];
      long i0 = (all & J0) ^ q01;
      long m = (i0 >>> 4 ^ b1) & HALF4;
      a[i + R2] = i0 ^ m << 4 ^ b1 ^ m;
      a[i + R3] = (b0 & J0) ^ (b1 & J1) ^ q01;
    }
  }

  /** Row 3: e; row 4: i1 and b2; row 5: i2 and all. */
  private static void rowsOfSecond(long[] a) {
    for (int i = 0; i < ROW; i++) {
      long all = a[i];
      long b2 = a[i + R4];
      long q12 = a[i + R6];
      long i1 = (all & J1) ^ a[i + R5];
      long i2 = (all & J2) ^ q12;
      long m = (i1 >>> 4 ^ b2) & HALF4;
      long n = (i2 >>> 4 ^ all) & HALF4;
      a[i + R3] ^= (b2 & J2) ^ q12 ^ a[i + R7];
      a[i + R4] = i1 ^ m << 4 ^ b2 ^ m;
      a[i + R5] = i2 ^ n << 4 ^ all ^ n;
    }
  }

  /** Halves j2 of b0 and e, j1 and j0 of everything, which leaves a bit of each row. */
  private static void join(long[] a, long[] packed, long rows) {
    for (int i = 0; i < ROW; i++) {
      long b0 = a[i + R1];
      long i0b1 = a[i + R2];
      long e = a[i + R3];
      long i1b2 = a[i + R4];
      long i2all = a[i + R5];
      long m = (b0 >>> 4 ^ e) & HALF4;
      long b0e = b0 ^ m << 4 ^ e ^ m;
      long n = (i0b1 >>> 2 ^ i2all) & HALF2;
      long even = i0b1 ^ n << 2 ^ i2all ^ n;
      long p = (i1b2 >>> 2 ^ b0e) & HALF2;
      long odd = i1b2 ^ p << 2 ^ b0e ^ p;
      long q = (even >>> 1 ^ odd) & HALF1;
      packed[i] = (even ^ q << 1 ^ odd ^ q) & rows;
    }
  }
}
