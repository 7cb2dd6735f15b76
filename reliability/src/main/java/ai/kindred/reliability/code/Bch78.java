package ai.kindred.reliability.code;

import java.util.Arrays;

/**
 * Binary BCH code that corrects two flips a word (Bose and Ray-Chaudhuri, 1960; Hocquenghem, 1959):
 * (127,113) over GF(2^7), shortened to (78,64). 14 check bits in two bytes beside the word, 25 %
 * more memory; the two bits left over are not used. For comparison only, without vector code.
 *
 * <p>With alpha a root of x^7 + x^3 + 1, bit i has the column {@code (alpha^i, alpha^3i)}: i = 0 ..
 * 13 for check bits, 14 .. 77 for the word. The syndrome of two flips i, j is {@code (alpha^i +
 * alpha^j, alpha^3i + alpha^3j)}, different for every pair; those of the 3003 pairs and 78 singles
 * are tabulated among the 16384. Other syndromes are damage of three flips or more.
 */
public final class Bch78 extends ChunkedCode {

  private static final int CHECK_BITS = 14;
  private static final int BITS = CHECK_BITS + 64;
  private static final int SYNDROMES = 1 << CHECK_BITS;
  private static final int UNKNOWN = -1;

  /** Sums of columns by the value of each byte of the word. */
  private final int[][] byByte = new int[8][256];

  /** Sums of columns by value of the check bits, and back. */
  private final int[] ofChecks = new int[SYNDROMES];

  private final int[] checksOf = new int[SYNDROMES];

  /** Bits i + 1 and 128 (j + 1), 0 for none, of each syndrome. */
  private final int[] flips = new int[SYNDROMES];

  /** The code. */
  public Bch78() {
    int[] columns = columns();
    for (int value = 0; value < 256; value++) {
      for (int b = 0; b < 8; b++) {
        byByte[b][value] = sum(value, columns, CHECK_BITS + 8 * b);
      }
    }
    for (int value = 0; value < ofChecks.length; value++) {
      ofChecks[value] = sum(value, columns, 0);
      checksOf[ofChecks[value]] = value;
    }
    Arrays.fill(flips, UNKNOWN);
    flips[0] = 0;
    for (int i = 0; i < BITS; i++) {
      flips[columns[i]] = i + 1;
      for (int j = 0; j < i; j++) {
        flips[columns[i] ^ columns[j]] = (i + 1) | (j + 1) << 7;
      }
    }
  }

  private static int sum(int value, int[] columns, int from) {
    int sum = 0;
    for (int k = 0; value >> k != 0; k++) {
      sum ^= (value >> k & 1) * columns[from + k];
    }
    return sum;
  }

  private static int[] columns() {
    int[] power = new int[127];
    int a = 1;
    for (int i = 0; i < power.length; i++) {
      power[i] = a;
      a <<= 1;
      a ^= (a >> 7) * 0b10001001;
    }
    int[] columns = new int[BITS];
    for (int i = 0; i < BITS; i++) {
      columns[i] = power[i] | power[3 * i % 127] << 7;
    }
    return columns;
  }

  @Override
  public String name() {
    return "BCH (78,64)";
  }

  @Override
  public int checkBytes() {
    return 2;
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

  private int syndrome(long word) {
    int s = 0;
    for (int b = 0; b < 8; b++) {
      s ^= byByte[b][(int) (word >>> (8 * b)) & 0xff];
    }
    return s;
  }

  @Override
  void encode(Chunk chunk) {
    for (int i = 0; i < chunk.n; i++) {
      int checks = checksOf[syndrome(chunk.words[i])];
      chunk.checks[2 * i] = (byte) checks;
      chunk.checks[2 * i + 1] = (byte) (checks >> 8);
    }
  }

  private static int checks(Words words, int word) {
    return (words.check(word, 0) | words.check(word, 1) << 8) & (SYNDROMES - 1);
  }

  private static void setChecks(Words words, int word, int checks) {
    words.setCheck(word, 0, checks);
    words.setCheck(word, 1, checks >> 8);
  }

  @Override
  void detect(Chunk chunk) {
    for (int i = 0; i < Chunk.WORDS; i++) {
      int checks = (chunk.checks[2 * i] & 0xff) | (chunk.checks[2 * i + 1] & 0x3f) << 8;
      chunk.scratch[i] = (syndrome(chunk.words[i]) ^ ofChecks[checks]) == 0 ? 0 : 1;
    }
    chunk.pack(chunk.scratch);
  }

  @Override
  Outcome examine(Words words, int word, DamageHandler handler) {
    while (true) {
      long stored = words.get(word);
      int checks = checks(words, word);
      if (words.get(word) != stored) {
        continue; // another repair came between: the two do not belong together
      }
      int s = syndrome(stored) ^ ofChecks[checks];
      if (s == 0) {
        return Outcome.INTACT;
      } else if (flips[s] == UNKNOWN) {
        if (settled(words, word, stored, new long[0], handler)) {
          return Outcome.DETECTED;
        }
      } else {
        int i = (flips[s] & 0x7f) - 1;
        int j = (flips[s] >> 7) - 1;
        long flipped = inWord(i) ^ inWord(j);
        if (words.replace(word, stored, stored ^ flipped)) {
          setChecks(words, word, checks ^ inChecks(i) ^ inChecks(j));
          handler.corrected(word, flipped);
          return Outcome.CORRECTED;
        }
      }
    }
  }

  private static long inWord(int bit) {
    return bit < CHECK_BITS ? 0 : 1L << (bit - CHECK_BITS);
  }

  private static int inChecks(int bit) {
    return bit < 0 || bit >= CHECK_BITS ? 0 : 1 << bit;
  }

  @Override
  boolean rewrite(Words words, int word, long stored, long plain) {
    if (!words.replace(word, stored, plain)) {
      return false;
    }
    setChecks(words, word, checksOf[syndrome(plain)]);
    return true;
  }
}
