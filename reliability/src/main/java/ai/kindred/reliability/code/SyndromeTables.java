package ai.kindred.reliability.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a syndrome of a SEC-DED code stands for, from the columns of its parity-check matrix: the
 * one bit with that column, the pairs of bits with that sum, and the check bits that give it.
 */
final class SyndromeTables {

  private static final int NONE = -1;

  private final int[] bit;
  private final long[][] pairs;
  private final int[] check;

  /**
   * @param columns the column of each bit: 64 of the word, then those of check bytes beside it
   * @param checkBits the bits that hold the check bits; their columns are independent
   */
  SyndromeTables(int[] columns, int[] checkBits) {
    int syndromes = 1 << checkBits.length;
    bit = new int[syndromes];
    Arrays.fill(bit, NONE);
    List<List<Long>> sums = new ArrayList<>();
    for (int s = 0; s < syndromes; s++) {
      sums.add(new ArrayList<>());
    }
    for (int i = 0; i < columns.length; i++) {
      bit[columns[i]] = i;
      for (int j = 0; j < i; j++) {
        sums.get(columns[i] ^ columns[j]).add(inWord(i) | inWord(j));
      }
    }
    pairs = new long[syndromes][];
    for (int s = 0; s < syndromes; s++) {
      pairs[s] = sums.get(s).stream().mapToLong(Long::longValue).toArray();
    }
    check = new int[syndromes];
    for (int set = 0; set < syndromes; set++) {
      int sum = 0;
      for (int k = 0; k < checkBits.length; k++) {
        sum ^= (set >> k & 1) * columns[checkBits[k]];
      }
      check[sum] = set;
    }
  }

  private static long inWord(int bit) {
    return bit < 64 ? 1L << bit : 0;
  }

  /** Whether one bit has this column. */
  boolean isSingle(int syndrome) {
    return bit[syndrome] != NONE;
  }

  /** That bit as a mask on the word; 0 where it lies beside the word. */
  long inWordOf(int syndrome) {
    return inWord(bit[syndrome]);
  }

  /** That bit as a mask on the check byte; 0 where it lies in the word. */
  int inCheckOf(int syndrome) {
    int b = bit[syndrome];
    return b < 64 ? 0 : 1 << (b - 64);
  }

  /** The words that two flips may have made of this one. */
  long[] candidates(long word, int syndrome) {
    return Arrays.stream(pairs[syndrome]).map(pair -> word ^ pair).toArray();
  }

  /** The set of check bits, bit k for the k-th, whose columns sum up to a syndrome. */
  int checkBits(int syndrome) {
    return check[syndrome];
  }
}
