package ai.kindred.reliability.code;

/**
 * The parity-check matrix that the SEC-DED codes here share, and its product with a word without
 * tables or branches. Bit j of byte b has the column
 *
 * <pre>
 *   e | 1 | b2 b1 b0 | i2 i1 i0       i = j xor g(b),  g(b) = (b0 b1, b0 b2, b1 b2)
 * </pre>
 *
 * from the highest row down. The row of ones tells odd from even numbers of flips, so that no sum
 * of two columns is a column: single errors are corrected, double errors detected. The six rows
 * below tell all 64 bits apart. Without g the columns of the seven bits 6 of bytes 0 to 6 would
 * have rank 4; with it they have rank 7 and can carry the check bits. Up to the order of rows and
 * bits this is the extended Hamming code (Hamming, 1950) and, as all its columns are odd, a code of
 * Hsiao's (1970).
 *
 * <p>Codes with eight check bits have the highest row too: {@code e = b0 i0 + b1 i1 + b2 i2}, a
 * bent function (Rothaus, 1976). It is as far from linear as can be, so that the sum of three
 * columns is a column as seldom as can be: 48.4 % of triple flips are miscorrected where the seven
 * rows miscorrect all.
 */
final class Syndromes {

  /** Bit 0 of each byte. */
  private static final long LOW = 0x0101010101010101L;

  /** In byte b the rows that do not depend on j, for an odd number of flips in that byte. */
  private static final long CODES = codes();

  /** The bits whose column has e = 1. */
  private static final long BENT = bent();

  private Syndromes() {}

  /** Column of bit j of byte b, without the highest row. */
  static int seven(int b, int j) {
    return 64 | b << 3 | (j ^ g(b));
  }

  /** Column of bit j of byte b, with the highest row. */
  static int eight(int b, int j) {
    int e = Integer.bitCount(b & (j ^ g(b))) % 2;
    return e << 7 | seven(b, j);
  }

  private static int g(int b) {
    int b0 = b & 1;
    int b1 = b >> 1 & 1;
    int b2 = b >> 2;
    return (b0 & b1) | (b0 & b2) << 1 | (b1 & b2) << 2;
  }

  private static long codes() {
    long codes = 0;
    for (int b = 0; b < 8; b++) {
      codes |= (long) seven(b, 0) << (8 * b);
    }
    return codes;
  }

  private static long bent() {
    long bent = 0;
    for (int i = 0; i < 64; i++) {
      bent |= (long) (eight(i / 8, i % 8) >> 7) << i;
    }
    return bent;
  }

  /** The sum of the columns of the bits that are set, without the highest row: 0 to 127. */
  static long seven(long w) {
    return fold(columns(w)) & 0x7f;
  }

  /** The sum of the columns of the bits that are set: 0 to 255. */
  static long eight(long w) {
    long v = w & BENT;
    v ^= v >>> 4;
    v ^= v >>> 2;
    v ^= v >>> 1;
    return fold(columns(w) ^ (v & LOW) << 7) & 0xff;
  }

  /** In each byte the sum of its own columns. */
  private static long columns(long w) {
    long nibble = w ^ w >>> 4;
    long pair = nibble ^ nibble >>> 2;
    long odd = (pair ^ pair >>> 1) & LOW; // parity of the byte
    long j0 = pair >>> 1 & LOW; // parity of its bits with j0 set, and so on
    long j1 = (nibble >>> 2 ^ nibble >>> 3) & LOW;
    long high = w >>> 4 ^ w >>> 6;
    long j2 = (high ^ high >>> 1) & LOW;
    return (((odd << 8) - odd) & CODES) ^ j0 ^ j1 << 1 ^ j2 << 2;
  }

  private static long fold(long x) {
    long y = x ^ x >>> 32;
    y ^= y >>> 16;
    return y ^ y >>> 8;
  }
}
