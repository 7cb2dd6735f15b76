package ai.kindred.core.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TreeFoldTest {

  /**
   * The tree by its definition (RFC 6962, section 2.1): split at the largest power of two below.
   */
  private static String reference(int from, int to) {
    if (to - from == 1) {
      return String.valueOf(from);
    }
    int split = Integer.highestOneBit(to - from - 1);
    return "(" + reference(from, from + split) + " " + reference(from + split, to) + ")";
  }

  private static String join(String left, String right) {
    return "(" + left + " " + right + ")";
  }

  @Test
  void foldsThroughTheDefinedTreeInAnyOrderOfArrival() {
    for (int n = 1; n <= 70; n++) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
      for (int shuffle = 0; shuffle < 4; shuffle++) {
        TreeFold<String> fold = new TreeFold<>(n, TreeFoldTest::join);
        order.forEach(leaf -> fold.add(leaf, String.valueOf(leaf)));
        assertThat(fold.result()).isEqualTo(reference(0, n));
        Key key = Key.of(5).fold(n).fold(shuffle);
        order.sort(Comparator.comparingLong(leaf -> key.fold(leaf).bits()));
      }
    }
  }

  @Test
  void showsTheTreeOfItsDocumentation() {
    List<String> leaves = List.of("0", "1", "2", "3", "4", "5", "6");
    assertThat(TreeFold.of(leaves, TreeFoldTest::join)).isEqualTo("(((0 1) (2 3)) ((4 5) 6))");
  }

  @Test
  void holdsLogarithmicallyManyResultsThatArriveInOrder() {
    int n = 1000;
    TreeFold<Integer> fold = new TreeFold<>(n, Integer::sum);
    for (int i = 0; i < n; i++) {
      fold.add(i, i);
      assertThat(fold.held()).isLessThanOrEqualTo(Integer.bitCount(i + 1) + 1);
    }
    assertThat(fold.result()).isEqualTo(n * (n - 1) / 2);
  }

  @Test
  void namesTheItemsOfAMergeThatFails() {
    TreeFold<Integer> fold =
        new TreeFold<>(
            5,
            (a, b) -> {
              throw new ArithmeticException("shapes differ");
            });
    fold.add(2, 0);
    assertThatThrownBy(() -> fold.add(3, 0))
        .isInstanceOf(WorkException.class)
        .hasMessageContaining("items 2 to 3")
        .hasMessageContaining("shapes differ");
  }

  @Test
  void refusesWhatItCannotFold() {
    assertThatThrownBy(() -> TreeFold.of(List.<Integer>of(), Integer::sum))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to fold");
    TreeFold<Integer> fold = new TreeFold<>(3, Integer::sum);
    assertThatThrownBy(() -> fold.add(3, 1)).hasMessage("leaf 3 is not in [0, 3)");
    fold.add(0, 1);
    assertThatThrownBy(() -> fold.add(0, 1)).hasMessage("leaf 0 came twice");
    assertThatThrownBy(fold::result)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("not all of the 3 results have come");
  }
}
