package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyTest {

  @Test
  void aRootIsTheFirstNumberOfSplitMix() {
    for (long seed : new long[] {0, 1, -1, 42, Long.MAX_VALUE}) {
      assertThat(Key.of(seed).bits()).isEqualTo(new SplittableRandom(seed).nextLong());
    }
  }

  @Test
  void equalPathsGiveEqualStreams() {
    Key a = Key.of(3).fold("round").fold(7);
    Key b = Key.of(3).fold("round").fold(7);
    assertThat(a).isEqualTo(b);
    assertThat(a.random().longs(5).toArray()).containsExactly(b.random().longs(5).toArray());
  }

  @Test
  void differentPathsGiveDifferentKeys() {
    Key root = Key.of(3);
    Set<Long> bits = new HashSet<>();
    int made = 0;
    for (String purpose : new String[] {"", "a", "b", "ab", "ba", "A", "é", "round", "rounds"}) {
      for (long i = -500; i < 500; i++) {
        bits.add(root.fold(purpose).fold(i).bits());
        bits.add(root.fold(i).fold(purpose).bits());
        made += 2;
      }
    }
    bits.add(root.fold("a").fold("b").bits());
    bits.add(root.fold("ab").fold("").bits());
    assertThat(bits).hasSize(made + 2);
  }

  @Test
  void neighbouringKeysAreUnrelated() {
    int bits = 0;
    for (long i = 0; i < 1000; i++) {
      bits += Long.bitCount(Key.of(5).fold(i).bits() ^ Key.of(5).fold(i + 1).bits());
    }
    // Half of the bits differ: 32 000 of 64 000, with a standard deviation of 126.
    assertThat(bits).isBetween(31_370, 32_630);
  }

  @Test
  void seedsForNativeGeneratorsHaveNoSign() {
    for (long i = 0; i < 1000; i++) {
      assertThat(Key.of(i).seed()).isNotNegative();
    }
  }
}
