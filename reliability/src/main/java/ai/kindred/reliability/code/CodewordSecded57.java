package ai.kindred.reliability.code;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * SEC-DED (64,57) without decoding: the eight weights themselves are a word of the code. Check bits
 * have no place of their own; instead each eight weights are moved, by a step or so, to the nearest
 * word whose syndrome is 0. Products read the protected memory as it is, and all eight weights may
 * be anything in [-128, 127].
 *
 * <p>Seven of 64 bits are spent, as in {@link InPlaceSecded57}, on errors of the low bits rather
 * than on the range: 5.8 dB against plain int8 for any distribution of weights, where 7 bits for
 * all cost 6.1 dB and clamping costs what large weights there are. Quantising to a code's words so
 * is old in data hiding, as matrix embedding (Crandall, 1998); we know of no use of it for
 * networks. The parity-check matrix is that of {@link Syndromes}, seven rows.
 */
public final class CodewordSecded57 extends SecdedInWord {

  private static final int ROWS = 7;
  private static final int SYNDROMES = 1 << ROWS;

  /** Values tried for each weight: the nearest and its neighbours. */
  private static final int[] STEPS = {0, -1, 1};

  private static final int CHOICES = STEPS.length * STEPS.length * STEPS.length * STEPS.length;

  /** The part that a value of each byte has in the syndrome. */
  private final int[][] parts = new int[Long.BYTES][256];

  /** The code. */
  public CodewordSecded57() {
    super(ROWS, 0, 8, 16, 24, 32, 40, 48);
    for (int b = 0; b < Long.BYTES; b++) {
      for (int value = 0; value < 256; value++) {
        parts[b][value] = syndrome((long) value << (8 * b));
      }
    }
  }

  @Override
  public String name() {
    return "codewords (64,57)";
  }

  @Override
  public boolean fits(long plain) {
    return syndrome(plain) == 0;
  }

  @Override
  public OptionalLong nearest(long plain) {
    float[] exact = new float[Long.BYTES];
    for (int b = 0; b < exact.length; b++) {
      exact[b] = (byte) (plain >>> (8 * b));
    }
    return OptionalLong.of(nearest(exact));
  }

  /**
   * The word of the code at the least squared distance, among those that differ from the nearest
   * integers by at most one step a weight. There always is one: changing bit 0 of some weights, a
   * step each, gives every syndrome.
   *
   * @param exact eight weights in steps, in [-128, 127]
   */
  public long nearest(float[] exact) {
    // Four weights at a time: the best choice for each sum, then the best pair of equal sums.
    float[] costs = new float[SYNDROMES];
    long[] lower = new long[SYNDROMES];
    Arrays.fill(costs, Float.POSITIVE_INFINITY);
    Half first = new Half(exact, 0);
    for (int i = 0; i < CHOICES; i++) {
      if (first.costs[i] < costs[first.syndromes[i]]) {
        costs[first.syndromes[i]] = first.costs[i];
        lower[first.syndromes[i]] = first.words[i];
      }
    }
    Half second = new Half(exact, 4);
    float least = Float.POSITIVE_INFINITY;
    long best = 0;
    for (int i = 0; i < CHOICES; i++) {
      float cost = costs[second.syndromes[i]] + second.costs[i];
      if (cost < least) {
        least = cost;
        best = lower[second.syndromes[i]] | second.words[i];
      }
    }
    return best;
  }

  /** All choices for four neighbouring weights. */
  private final class Half {
    final float[] costs = new float[CHOICES];
    final int[] syndromes = new int[CHOICES];
    final long[] words = new long[CHOICES];

    Half(float[] exact, int from) {
      int n = 1;
      for (int b = from; b < from + 4; b++) {
        int rounded = Math.round(exact[b]);
        for (int step = STEPS.length - 1; step >= 0; step--) { // the last overwrites what it reads
          int q = rounded + STEPS[step];
          float off = q < -128 || q > 127 ? Float.POSITIVE_INFINITY : q - exact[b];
          for (int i = 0; i < n; i++) {
            costs[step * n + i] = costs[i] + off * off;
            syndromes[step * n + i] = syndromes[i] ^ parts[b][q & 0xff];
            words[step * n + i] = words[i] | (q & 0xffL) << (8 * b);
          }
        }
        n *= STEPS.length;
      }
    }
  }

  @Override
  long encoded(long plain) {
    return plain;
  }

  @Override
  public long restore(long encoded) {
    return encoded;
  }

  @Override
  boolean fit(long[] words) {
    Chunk chunk = new Chunk(0);
    System.arraycopy(words, 0, chunk.words, 0, words.length);
    detect(chunk);
    return !chunk.isDamaged();
  }

  @Override
  void encode(Chunk chunk) {}

  @Override
  void restore(long[] words, int n) {}
}
