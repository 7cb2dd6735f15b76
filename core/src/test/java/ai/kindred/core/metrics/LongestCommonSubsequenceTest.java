package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against the quadratic table, as rouge-score fills and reads it. */
class LongestCommonSubsequenceTest {

  @Test
  void equalsTheTableInLengthAndInTheSubsequenceChosen() {
    for (int trial = 0; trial < 400; trial++) {
      SplittableRandom random = Key.of(11).fold(trial).random();
      int alphabet = 1 + random.nextInt(trial % 2 == 0 ? 4 : 60);
      int[] reference = random.ints(random.nextInt(150), 0, alphabet).toArray();
      int[] candidate = random.ints(random.nextInt(260), 0, alphabet).toArray();
      LongestCommonSubsequence ours = new LongestCommonSubsequence(candidate);
      int[][] table = table(reference, candidate);
      assertThat(ours.length(reference))
          .as("trial %d of Key.of(11)", trial)
          .isEqualTo(table[reference.length][candidate.length]);
      boolean[] marks = new boolean[reference.length];
      ours.mark(reference, marks);
      assertThat(marks)
          .as("trial %d of Key.of(11)", trial)
          .isEqualTo(marks(table, reference, candidate));
    }
  }

  @Test
  void onlyAddsToMarks() {
    boolean[] marks = {true, false, false};
    new LongestCommonSubsequence(new int[] {7}).mark(new int[] {5, 6, 7}, marks);
    assertThat(marks).containsExactly(true, false, true);
  }

  private static int[][] table(int[] a, int[] b) {
    int[][] t = new int[a.length + 1][b.length + 1];
    for (int i = 1; i <= a.length; i++) {
      for (int j = 1; j <= b.length; j++) {
        t[i][j] = a[i - 1] == b[j - 1] ? t[i - 1][j - 1] + 1 : Math.max(t[i - 1][j], t[i][j - 1]);
      }
    }
    return t;
  }

  private static boolean[] marks(int[][] t, int[] a, int[] b) {
    boolean[] marks = new boolean[a.length];
    int i = a.length;
    int j = b.length;
    while (i > 0 && j > 0) {
      if (a[i - 1] == b[j - 1]) {
        marks[--i] = true;
        j--;
      } else if (t[i][j - 1] > t[i - 1][j]) {
        j--;
      } else {
        i--;
      }
    }
    return marks;
  }
}
