package ai.kindred.reliability.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.code.DamageHandler.Damage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code against every error that it claims to see, and the SWAR loops against the matrix. */
class WordCodesTest {

  private static Stream<WordCode> all() {
    return Stream.of(
        new InPlaceSecded57(),
        new InPlaceSecded56(),
        new Secded72(),
        new ParityZero(),
        new NeighbourAverage(),
        new TripleModularRedundancy(),
        new Bch78(),
        new FlaggedOutlier57(),
        new CodewordSecded57());
  }

  private static Stream<WordCode> secded() {
    return Stream.concat(all().limit(3), all().skip(7));
  }

  private static Stream<InPlaceCode> inPlace() {
    return Stream.of(new InPlaceSecded57(), new InPlaceSecded56());
  }

  /** Eight random weights that the code takes. */
  private static long plain(WordCode code, SplittableRandom random) {
    long word = random.nextLong();
    return code.nearest(word).orElseGet(() -> code.restore(word));
  }

  private static Words encoded(WordCode code, int count, Key key) {
    SplittableRandom random = key.random();
    Words words = Words.allocate(8 * count, code.checkBytes());
    for (int i = 0; i < count; i++) {
      words.set(i, plain(code, random));
    }
    code.encode(words);
    return words;
  }

  private static long[] contents(WordCode code, Words words) {
    long[] plain = new long[words.count()];
    Arrays.setAll(plain, i -> code.restore(words.get(i)));
    return plain;
  }

  /** Keeps what it hears. */
  private static final class Ear implements DamageHandler {
    final List<Damage> damages = new ArrayList<>();
    final List<Long> flips = new ArrayList<>();

    @Override
    public OptionalLong uncorrectable(Damage damage) {
      damages.add(damage);
      return OptionalLong.empty();
    }

    @Override
    public void corrected(int word, long flipped) {
      flips.add(flipped);
    }
  }

  @ParameterizedTest
  @MethodSource("inPlace")
  void swarIsTheMatrix(InPlaceCode code) {
    PlainMatrix matrix = PlainMatrix.of(code instanceof InPlaceSecded56 ? 8 : 7);
    SplittableRandom random = Key.of(1).random();
    for (int i = 0; i < 64; i++) {
      assertThat(code.syndrome(1L << i)).isEqualTo(matrix.columns()[i]);
      long word = random.nextLong();
      assertThat(code.syndrome(word)).isEqualTo(matrix.syndrome(word));
    }
    for (int i = 0; i < 500; i++) {
      long plain = plain(code, random);
      long encoded = code.encoded(plain);
      assertThat(matrix.syndrome(encoded)).isZero();
      assertThat(code.restore(encoded)).isEqualTo(plain);
      long check = code instanceof InPlaceSecded56 ? 0x4040404040404040L : 0x0040404040404040L;
      assertThat(encoded & ~check).isEqualTo(plain & ~check);
    }
  }

  /** Eight at a time, against the matrix as it is defined. */
  @Test
  void packedSyndromesAreTheMatrix() {
    PlainMatrix matrix = PlainMatrix.of(8);
    SplittableRandom random = Key.of(2).random();
    long[] words = random.longs(PackedSyndromes.WORDS).toArray();
    long[] before = words.clone();
    long[] packed = new long[PackedSyndromes.ROW];
    for (int rows : new int[] {127, 255}) {
      PackedSyndromes.of(words, new long[words.length], packed, rows);
      assertThat(words).isEqualTo(before);
      for (int i = 0; i < words.length; i++) {
        int k = i / PackedSyndromes.ROW;
        long s = packed[i % PackedSyndromes.ROW] >>> (8 * k) & 0xff;
        assertThat(s).isEqualTo(matrix.syndrome(words[i]) & rows);
      }
    }
  }

  /** Against all 6561 words that differ by at most a step a weight. */
  @Test
  void nearestCodewordsAreTheNearest() {
    CodewordSecded57 code = new CodewordSecded57();
    SplittableRandom random = Key.of(12).random();
    for (int round = 0; round < 30; round++) {
      float[] exact = new float[8];
      for (int b = 0; b < 8; b++) {
        exact[b] = (float) (random.nextDouble() * 255 - 128);
      }
      double least = Double.POSITIVE_INFINITY;
      for (int choice = 0; choice < 6561; choice++) {
        long word = 0;
        for (int b = 0, rest = choice; b < 8; b++, rest /= 3) {
          long q = Math.max(-128, Math.min(127, Math.round(exact[b]) + rest % 3 - 1));
          word |= (q & 0xff) << (8 * b);
        }
        if (PlainMatrix.of(7).syndrome(word) == 0) {
          least = Math.min(least, distance(word, exact));
        }
      }
      long found = code.nearest(exact);
      assertThat(code.fits(found)).isTrue();
      assertThat(distance(found, exact)).isCloseTo(least, within(1e-3));
      assertThat(code.nearest(found)).hasValue(found);
    }
  }

  private static double distance(long word, float[] exact) {
    double sum = 0;
    for (int b = 0; b < 8; b++) {
      double d = (byte) (word >>> (8 * b)) - exact[b];
      sum += d * d;
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("all")
  void decodingUndoesEncodingForAnyLength(WordCode code) {
    for (int weights : new int[] {0, 1, 7, 8, 9, 4095, 4096, 4097, 13_003}) {
      SplittableRandom random = Key.of(weights).random();
      Words words = Words.allocate(weights, code.checkBytes());
      for (int i = 0; i < weights; i++) {
        words.bytes().put(i, (byte) (random.nextInt(128) - 64));
      }
      for (int i = 0; i < words.count(); i++) {
        words.set(i, code.nearest(words.get(i)).orElseThrow());
      }
      long[] before = contents(code, words);
      if (weights >= 8) {
        assertThat(before).isNotEqualTo(new long[words.count()]);
      }
      long[] copy = new long[words.count()];
      Arrays.setAll(copy, words::get);
      code.encode(words);
      assertThat(code.repair(words, DamageHandler.KEEP))
          .isEqualTo(new Repairs(words.count(), 0, 0));
      assertThat(code.decode(words, words, DamageHandler.KEEP).isClean()).isTrue();
      long[] after = new long[words.count()];
      Arrays.setAll(after, words::get);
      assertThat(after).isEqualTo(copy);
    }
  }

  @ParameterizedTest
  @MethodSource("secded")
  void allSinglesAreUndoneAndAllDoublesSeen(WordCode code) {
    int bits = 64 + 8 * code.checkBytes();
    for (int round = 0; round < 6; round++) {
      Words words = encoded(code, 1, Key.of(round));
      long stored = words.get(0);
      long plain = code.restore(stored);
      for (int i = 0; i < bits; i++) {
        Ear ear = new Ear();
        words.flip(i);
        assertThat(code.repair(words, ear)).isEqualTo(new Repairs(1, 1, 0));
        assertThat(words.get(0)).isEqualTo(stored);
        assertThat(ear.flips).containsExactly(i < 64 ? 1L << i : 0);
        assertThat(code.repair(words, DamageHandler.KEEP).isClean()).isTrue();
        for (int j = 0; j < i; j++) {
          words.flip(i);
          words.flip(j);
          assertThat(code.repair(words, ear)).isEqualTo(new Repairs(1, 0, 1));
          assertThat(ear.damages.get(ear.damages.size() - 1).candidates()).contains(plain);
          words.flip(i);
          words.flip(j);
        }
      }
    }
  }

  @Test
  void everyEvenSyndromeOfTheFullCodeHas32Candidates() {
    WordCode code = new InPlaceSecded57();
    Words words = encoded(code, 1, Key.of(3));
    Ear ear = new Ear();
    words.flip(5);
    words.flip(50);
    code.repair(words, ear);
    assertThat(ear.damages.get(0).candidates()).hasSize(32);
  }

  /** Counted over all triples of bits, by the matrix and by the code. */
  @ParameterizedTest
  @MethodSource("inPlace")
  void allTriplesAreCounted(InPlaceCode code) {
    boolean full = code instanceof InPlaceSecded57;
    PlainMatrix matrix = PlainMatrix.of(full ? 7 : 8);
    Words words = encoded(code, 1, Key.of(9));
    long stored = words.get(0);
    long plain = code.restore(stored);
    int triples = 0;
    int named = 0;
    int miscorrected = 0;
    for (int i = 0; i < 64; i++) {
      for (int j = 0; j < i; j++) {
        for (int k = 0; k < j; k++) {
          triples++;
          int[] c = matrix.columns();
          named += matrix.names(c[i] ^ c[j] ^ c[k]) ? 1 : 0;
          words.set(0, stored ^ 1L << i ^ 1L << j ^ 1L << k);
          Repairs found = code.repair(words, DamageHandler.KEEP);
          assertThat(found.isClean()).isFalse();
          boolean wrong = code.restore(words.get(0)) != plain;
          miscorrected += found.corrected() == 1 && wrong ? 1 : 0;
        }
      }
    }
    assertThat(triples).isEqualTo(41_664);
    assertThat(named).isEqualTo(full ? 41_664 : 20_160);
    assertThat(miscorrected).isEqualTo(named);
  }

  /** Weights of codewords: 10416 of the 635376 quadruples are invisible to (64,57). */
  @Test
  void quadruplesThatGoUnseenAreAsManyAsTheExtendedHammingCodeHas() {
    int[] pairs = new int[128];
    int[] c = PlainMatrix.of(7).columns();
    for (int i = 0; i < 64; i++) {
      for (int j = 0; j < i; j++) {
        pairs[c[i] ^ c[j]]++;
      }
    }
    // Each quadruple is met in three ways as two pairs with the same sum.
    assertThat(Arrays.stream(pairs).map(n -> n * (n - 1) / 2).sum() / 3).isEqualTo(10_416);
  }

  @Test
  void bchUndoesAllSinglesAndDoublesAndSeesSomeTriples() {
    WordCode code = new Bch78();
    Words words = encoded(code, 1, Key.of(4));
    long stored = words.get(0);
    byte[] checks = {words.checks().get(0), words.checks().get(1)};
    int seen = 0;
    int triples = 0;
    for (int i = 0; i < 78; i++) {
      for (int j = 0; j <= i; j++) {
        words.flip(i);
        if (j < i) {
          words.flip(j);
        }
        assertThat(code.repair(words, DamageHandler.KEEP)).isEqualTo(new Repairs(1, 1, 0));
        assertThat(words.get(0)).isEqualTo(stored);
        assertThat(words.checks().get(0)).isEqualTo(checks[0]);
        assertThat(words.checks().get(1)).isEqualTo(checks[1]);
        for (int k = 0; k < j && j < i; k += 7) {
          for (int bit : new int[] {i, j, k}) {
            words.flip(bit);
          }
          triples++;
          Repairs found = code.repair(words, DamageHandler.KEEP);
          assertThat(found.isClean()).isFalse();
          seen += (int) found.detected();
          words.set(0, stored);
          words.checks().put(0, checks[0]).put(1, checks[1]);
        }
      }
    }
    // 3081 of 16384 syndromes name one or two of the 78 bits.
    assertThat((double) seen / triples).isBetween(0.75, 0.87);
  }

  @Test
  void votesWinAgainstAnyFlipsOfOneCopy() {
    WordCode code = new TripleModularRedundancy();
    Words words = encoded(code, 2, Key.of(5));
    long stored = words.get(1);
    for (int copy = 0; copy < 3; copy++) {
      for (int bit : new int[] {0, 1, 33, 63}) {
        words.flip(copy == 0 ? 64 + bit : 128 + 128 + 64L * (copy - 1) + bit);
      }
      assertThat(code.repair(words, DamageHandler.KEEP)).isEqualTo(new Repairs(2, 1, 0));
      assertThat(words.get(1)).isEqualTo(stored);
      assertThat(code.repair(words, DamageHandler.KEEP).isClean()).isTrue();
    }
  }

  @Test
  void parityPutsZeroOrTheMeanOfTheNeighbours() {
    for (WordCode code : List.of(new ParityZero(), new NeighbourAverage())) {
      boolean zero = code instanceof ParityZero;
      for (int weight = 0; weight < 24; weight++) {
        for (int bit = 0; bit < 8; bit++) {
          Words words = Words.allocate(24, 1);
          byte[] weights = new byte[24];
          Key.of(weight).random().nextBytes(weights);
          words.bytes().put(weights);
          code.encode(words);
          words.flip(8L * weight + bit);
          assertThat(code.repair(words, DamageHandler.KEEP)).isEqualTo(new Repairs(3, 0, 1));
          int before = weights[Math.max(0, weight - 1)];
          int after = weights[Math.min(23, weight + 1)];
          int mean = weight == 0 ? after : weight == 23 ? before : Math.floorDiv(before + after, 2);
          weights[weight] = (byte) (zero ? 0 : mean);
          byte[] left = new byte[24];
          words.bytes().get(left);
          assertThat(left).isEqualTo(weights);
          assertThat(code.repair(words, DamageHandler.KEEP).isClean()).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("secded")
  void answersOfTheHandlerAreEncoded(WordCode code) {
    Words words = encoded(code, 700, Key.of(6));
    words.flip(64 * 600 + 3);
    words.flip(64 * 600 + 44);
    assertThat(code.repair(words, damage -> OptionalLong.of(0))).isEqualTo(new Repairs(700, 0, 1));
    assertThat(code.restore(words.get(600))).isZero();
    assertThat(code.repair(words, DamageHandler.KEEP).isClean()).isTrue();
  }

  /** 2^57 words of eight weights fit: all with one coarse outlier or none. */
  @Test
  void flaggedOutliersAreFoundAgainInEverySlot() {
    FlaggedOutlier57 code = new FlaggedOutlier57();
    SplittableRandom random = Key.of(8).random();
    for (int slot = 0; slot < 8; slot++) {
      for (int m = -8; m < 8; m++) {
        int large = m < 0 ? 8 * m - 60 : 68 + 8 * m;
        byte[] weights = new byte[8];
        for (int i = 0; i < 8; i++) {
          weights[i] = (byte) (i == slot ? large : random.nextInt(128) - 64);
        }
        Words words = Words.allocate(8, 0);
        words.bytes().put(weights);
        long plain = words.get(0);
        assertThat(code.fits(plain)).as("%s at %s", large, slot).isTrue();
        assertThat(FlaggedOutlier57.snapped(large)).isEqualTo(large);
        code.encode(words);
        assertThat(code.restore(words.get(0))).isEqualTo(plain);
        words.bytes().put(slot, (byte) 0);
      }
    }
    assertThat(FlaggedOutlier57.snapped(64)).isEqualTo(68);
    assertThat(FlaggedOutlier57.snapped(-127)).isEqualTo(-124);
    assertThat(FlaggedOutlier57.snapped(72)).isBetween(68, 76);
    assertThat(code.fits(70)).isFalse();
    assertThat(code.fits(68 | 68 << 8)).isFalse();
  }

  @Test
  void wordsThatDoNotFitAreNamed() {
    Words words = Words.allocate(24, 0);
    words.bytes().put(8 + 7, (byte) 127).put(16 + 2, (byte) 64);
    assertThatThrownBy(() -> new InPlaceSecded57().encode(words))
        .hasMessage(
            "word 2 does not fit in-place (64,57): its weights are 0, 0, 64, 0, 0, 0, 0, 0");
    assertThatThrownBy(() -> new InPlaceSecded56().encode(words)).hasMessageContaining("word 1 ");
    assertThatThrownBy(() -> new Secded72().encode(words))
        .hasMessage("SEC-DED (72,64) needs 1 check bytes a word; this memory has 0");
    assertThatThrownBy(() -> words.flip(192)).hasMessageContaining("bit 192 of memory");
  }

  /**
   * Random errors in many words. Beside the rule of the authors' simulator (a word with one flip is
   * repaired, all other flips stay) stands what a decoder does: words with three flips become
   * worse.
   */
  @Test
  void leftoverFlipsFollowTheClosedForm() {
    double rate = 1e-3;
    int count = 200_000;
    InPlaceSecded57 code = new InPlaceSecded57();
    Words words = encoded(code, count, Key.of(10));
    long[] before = contents(code, words);
    SplittableRandom random = Key.of(11).random();
    int[] flips = new int[count];
    for (int i = 0; i < count; i++) {
      for (int bit = 0; bit < 64; bit++) {
        if (random.nextDouble() < rate) {
          words.flip(64L * i + bit);
          flips[i]++;
        }
      }
    }
    long left = Arrays.stream(flips).filter(n -> n > 1).sum();
    double expected = rate * (1 - Math.pow(1 - rate, 63)) * 64 * count;
    double doubles = 2016 * rate * rate * count;
    assertThat((double) left)
        .isBetween(expected - 6 * Math.sqrt(doubles), expected + 6 * Math.sqrt(doubles));

    Repairs found = code.repair(words, DamageHandler.KEEP);
    long even = Arrays.stream(flips).filter(n -> n > 0 && n % 2 == 0).count();
    long odd = Arrays.stream(flips).filter(n -> n % 2 == 1).count();
    assertThat(found.detected()).isBetween(even - 2, even);
    assertThat(found.corrected()).isEqualTo(odd);
    long wrong = 0;
    for (int i = 0; i < count; i++) {
      boolean same = code.restore(words.get(i)) == before[i];
      assertThat(same || flips[i] > 1).isTrue();
      wrong += !same && flips[i] % 2 == 1 ? 1 : 0;
    }
    assertThat(wrong).isEqualTo(Arrays.stream(flips).filter(n -> n > 1 && n % 2 == 1).count());
    assertThat(wrong).isBetween(1L, 30L);
  }
}
