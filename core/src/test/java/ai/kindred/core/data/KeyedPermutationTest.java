package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {

  @Test
  void isAPermutationOfEverySize() {
    for (int size = 1; size < 300; size++) {
      KeyedPermutation permutation = new KeyedPermutation(size, Key.of(size));
      assertThat(IntStream.range(0, size).map(i -> (int) permutation.at(i)).sorted())
          .containsExactlyElementsOf(IntStream.range(0, size).boxed().toList());
    }
  }

  @Test
  void everyOrderIsEquallyLikely() {
    Map<String, Integer> counts = new HashMap<>();
    for (int trial = 0; trial < 24_000; trial++) {
      KeyedPermutation permutation = new KeyedPermutation(4, Key.of(1).fold(trial));
      String order =
          IntStream.range(0, 4)
              .mapToObj(i -> Long.toString(permutation.at(i)))
              .reduce("", String::concat);
      counts.merge(order, 1, Integer::sum);
    }
    assertThat(counts).hasSize(24);
    assertThat(counts.values()).allSatisfy(n -> assertThat(n).isBetween(850, 1150));
  }

  @Test
  void everyPlaceHoldsEveryValueEquallyOften() {
    int size = 13;
    long[][] counts = new long[size][size];
    for (int trial = 0; trial < 13_000; trial++) {
      KeyedPermutation permutation = new KeyedPermutation(size, Key.of(2).fold(trial));
      for (int i = 0; i < size; i++) {
        counts[i][(int) permutation.at(i)]++;
      }
    }
    assertThat(new ChiSquareTest().chiSquareTest(counts)).isGreaterThan(0.001);
  }

  @Test
  void reachesFarWithoutStoring() {
    KeyedPermutation huge = new KeyedPermutation(1L << 60, Key.of(3));
    assertThat(huge.at((1L << 60) - 1)).isBetween(0L, (1L << 60) - 1);
    assertThatThrownBy(() -> new KeyedPermutation(0, Key.of(3)))
        .hasMessage("a permutation has a size from 1 to 2^60, not 0");
    assertThatThrownBy(() -> huge.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
