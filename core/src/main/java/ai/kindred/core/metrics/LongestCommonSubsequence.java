package ai.kindred.core.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The longest common subsequence of one fixed candidate with references, 64 table cells at a time:
 * H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004.
 *
 * <p>With L[i][j] the length for the first i reference and j candidate tokens, a row keeps one bit
 * per candidate token: bit j-1 of row i is clear where L[i][j] = L[i][j-1] + 1. A reference of m
 * tokens and a candidate of n cost m ceil(n / 64) steps; reading a subsequence out keeps about 2
 * sqrt(m) rows and recomputes the others.
 */
final class LongestCommonSubsequence {
  private final int[] candidate;
  private final int words;
  private final Map<Integer, int[]> places = new HashMap<>();
  // Tokens at more than `words` places: at most 64 of them, so their masks take O(n) memory.
  private final Map<Integer, long[]> masks = new HashMap<>();

  LongestCommonSubsequence(int[] candidate) {
    this.candidate = candidate;
    this.words = (candidate.length + 63) / 64;
    Map<Integer, Integer> counts = new HashMap<>();
    for (int token : candidate) {
      counts.merge(token, 1, Integer::sum);
    }
    Map<Integer, Integer> filled = new HashMap<>();
    for (int j = 0; j < candidate.length; j++) {
      int token = candidate[j];
      int count = counts.getOrDefault(token, 0);
      if (count > words) {
        masks.computeIfAbsent(token, t -> new long[words])[j / 64] |= 1L << j;
      } else {
        int k = filled.merge(token, 1, Integer::sum) - 1;
        places.computeIfAbsent(token, t -> new int[count])[k] = j;
      }
    }
  }

  int length(int[] reference) {
    long[] row = emptyRow();
    for (int token : reference) {
      row = next(row, token);
    }
    return zeros(row, candidate.length);
  }

  /**
   * Marks the reference positions of one longest common subsequence. Where several exist it is the
   * one that rouge-score reads out: from the end, a match is taken at once, and the reference is
   * shortened unless only shortening the candidate keeps the length.
   */
  void mark(int[] reference, boolean[] marks) {
    int m = reference.length;
    int stride = (int) Math.ceil(Math.sqrt(m + 1.0));
    long[][] checkpoints = new long[m / stride + 1][];
    long[] row = emptyRow();
    for (int i = 0; i <= m; i++) {
      if (i > 0) {
        row = next(row, reference[i - 1]);
      }
      if (i % stride == 0) {
        checkpoints[i / stride] = row;
      }
    }
    int j = candidate.length;
    int length = zeros(row, j);
    long[][] block = new long[stride][];
    for (int i = m; i > 0 && j > 0 && length > 0; i--) {
      int base = (i - 1) / stride * stride;
      if (i == m || i % stride == 0) {
        fill(block, checkpoints[base / stride], reference, base, i);
      }
      long[] above = block[i - 1 - base];
      long[] here = next(above, reference[i - 1]);
      int rise = length - zeros(above, j); // L[i][j] - L[i-1][j]
      while (j > 0 && reference[i - 1] != candidate[j - 1] && rise == 1 && step(here, j) == 0) {
        rise += step(above, j);
        j--;
      }
      if (j > 0 && reference[i - 1] == candidate[j - 1]) {
        marks[i - 1] = true;
        j--;
        length--;
      } else {
        length -= rise;
      }
    }
  }

  private void fill(long[][] block, long[] start, int[] reference, int base, int end) {
    block[0] = start;
    for (int i = base + 1; i < end; i++) {
      block[i - base] = next(block[i - 1 - base], reference[i - 1]);
    }
  }

  /** Row i from row i-1: V' = (V + (V and M)) or (V and not M), M the places of the token. */
  private long[] next(long[] row, int token) {
    long[] mask = masks.get(token);
    if (mask == null) {
      int[] sparse = places.get(token);
      if (sparse == null) {
        return row;
      }
      mask = new long[words];
      for (int j : sparse) {
        mask[j / 64] |= 1L << j;
      }
    }
    long[] next = new long[words];
    long carry = 0;
    for (int w = 0; w < words; w++) {
      long v = row[w];
      long u = v & mask[w];
      long sum = v + u;
      long overflow = Long.compareUnsigned(sum, v) < 0 ? 1 : 0;
      sum += carry;
      if (carry == 1 && sum == 0) {
        overflow = 1;
      }
      carry = overflow;
      next[w] = sum | (v & ~u);
    }
    return next;
  }

  private long[] emptyRow() {
    long[] row = new long[words];
    Arrays.fill(row, -1L);
    return row;
  }

  /** L[i][j] - L[i][j-1]. */
  private static int step(long[] row, int j) {
    return (int) (~row[(j - 1) / 64] >>> (j - 1) & 1);
  }

  /** L[i][j]: the clear bits among the first j. */
  private static int zeros(long[] row, int j) {
    int zeros = 0;
    for (int w = 0; w < j / 64; w++) {
      zeros += Long.bitCount(~row[w]);
    }
    return j % 64 == 0 ? zeros : zeros + Long.bitCount(~row[j / 64] & ((1L << j) - 1));
  }
}
