package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingTest {

  private static final float[] LOGITS = {1.2f, -0.7f, 2.1f, 0.3f, -1.5f, 1.9f, 0.3f, -0.2f};
  private static final boolean[] SEEN = {false, true, true, false, false, false, true, false};
  private static final int ROWS = 50;
  private static final int STEPS = 120;

  static List<Sampling> settings() {
    return List.of(
        Sampling.temperature(1),
        Sampling.temperature(0.5),
        Sampling.temperature(3),
        new Sampling(1, 3, 1, 0, 1),
        new Sampling(1, 0, 0.7, 0, 1),
        new Sampling(1, 0, 0.05, 0, 1),
        new Sampling(1, 0, 1, 0.2, 1),
        new Sampling(1, 0, 1, 0, 1.5),
        new Sampling(0.8, 5, 0.9, 0.1, 1.3));
  }

  /** The distribution in plain Java, step by step as transformers' processors have it. */
  private static double[] reference(Sampling s) {
    int n = LOGITS.length;
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = LOGITS[i];
      if (SEEN[i] && s.repetitionPenalty() != 1) {
        x[i] = x[i] < 0 ? x[i] * s.repetitionPenalty() : x[i] / s.repetitionPenalty();
      }
      x[i] /= s.temperature();
    }
    boolean[] in = new boolean[n];
    Arrays.fill(in, true);
    if (s.topK() > 0) {
      double least = Arrays.stream(x).sorted().toArray()[n - s.topK()];
      IntStream.range(0, n).forEach(i -> in[i] &= x[i] >= least);
    }
    if (s.topP() < 1) {
      double[] p = softmax(x, in);
      double mass = 0;
      for (int i :
          IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble(i -> -p[i])).toList()) {
        in[i] &= mass < s.topP();
        mass += p[i];
      }
    }
    double[] p = softmax(x, in);
    double best = Arrays.stream(p).max().orElseThrow();
    IntStream.range(0, n).forEach(i -> in[i] &= p[i] >= s.minP() * best);
    return softmax(x, in);
  }

  private static double[] softmax(double[] x, boolean[] in) {
    double[] e = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      e[i] = in[i] ? Math.exp(x[i]) : 0;
    }
    double sum = Arrays.stream(e).sum();
    return Arrays.stream(e).map(v -> v / sum).toArray();
  }

  private record Step(Tensor keys, Tensor ids) {}

  /** Draws [STEPS][ROWS], each row's keys moved on as a generation does. */
  private static int[][] draws(Sampling sampling, long seed) {
    int n = LOGITS.length;
    float[] rows = new float[ROWS * n];
    float[] seen = new float[ROWS * n];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = LOGITS[i % n];
      seen[i] = SEEN[i % n] ? 1 : 0;
    }
    Key key = Key.of(seed);
    long[] first = LongStream.range(0, ROWS).map(i -> key.fold(i).bits() >>> 12).toArray();
    int[][] draws = new int[STEPS][];
    try (Scope scope = Scope.open()) {
      Tensor logits = Tensor.of(rows, ROWS, n);
      @Nullable Tensor mask =
          sampling.repetitionPenalty() == 1 ? null : Tensor.of(seen, ROWS, n).gt(0);
      Tensor keys = Tensor.of(first, ROWS, 1);
      try (Kernel<Tensor, Step> step =
          Kernel.of(k -> new Step(Sampling.next(k), sampling.choose(logits, mask, k)))) {
        for (int t = 0; t < STEPS; t++) {
          Step s = step.call(keys);
          draws[t] = Arrays.stream(s.ids().toLongs()).mapToInt(i -> (int) i).toArray();
          keys = s.keys();
        }
      }
      assertThat(scope.size()).isPositive();
    }
    return draws;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void drawsFollowTheDistribution(Sampling sampling) {
    double[] p = reference(sampling);
    long[] counts = new long[p.length];
    for (int[] row : draws(sampling, 11)) {
      Arrays.stream(row).forEach(i -> counts[i]++);
    }
    int[] possible = IntStream.range(0, p.length).filter(i -> p[i] > 0).toArray();
    for (int i = 0; i < p.length; i++) {
      assertThat(counts[i] > 0).as("token %d of %s", i, Arrays.toString(p)).isEqualTo(p[i] > 0);
    }
    if (possible.length > 1) {
      double[] expected = Arrays.stream(possible).mapToDouble(i -> p[i]).toArray();
      long[] observed = Arrays.stream(possible).mapToLong(i -> counts[i]).toArray();
      assertThat(new ChiSquareTest().chiSquareTest(expected, observed)).isGreaterThan(1e-3);
    }
  }

  /** Neither a step and the next of a row, nor two rows of a step, tell of each other. */
  @Test
  void drawsAreIndependent() {
    int[][] draws = draws(Sampling.temperature(1), 5);
    long[][] steps = new long[3][3];
    long[][] rows = new long[3][3];
    for (int t = 0; t + 1 < STEPS; t++) {
      for (int r = 0; r + 1 < ROWS; r++) {
        steps[kind(draws[t][r])][kind(draws[t + 1][r])]++;
        rows[kind(draws[t][r])][kind(draws[t][r + 1])]++;
      }
    }
    assertThat(new ChiSquareTest().chiSquareTest(steps)).isGreaterThan(1e-3);
    assertThat(new ChiSquareTest().chiSquareTest(rows)).isGreaterThan(1e-3);
  }

  private static int kind(int id) {
    return id == 2 ? 0 : id == 5 ? 1 : 2;
  }

  @Test
  void equalSeedsGiveEqualDraws() {
    Sampling s = Sampling.temperature(1);
    assertThat(draws(s, 1)).isDeepEqualTo(draws(s, 1));
    assertThat(Arrays.deepEquals(draws(s, 1), draws(s, 2))).isFalse();
  }

  @Test
  void greedyTakesTheBestAfterThePenalty() {
    assertThat(draws(Sampling.GREEDY, 1)[0]).containsOnly(2);
    assertThat(draws(new Sampling(0, 0, 1, 0, 1.5), 1)[0]).containsOnly(5);
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> Sampling.temperature(-1))
        .hasMessage("temperature is -1.0; it must be at least 0");
    assertThatThrownBy(() -> Sampling.temperature(Double.NaN)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(1, -1, 1, 0, 1)).hasMessageContaining("top-k is -1");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 0, 1))
        .hasMessage("top-p is 0.0; it must be above 0 and at most 1");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 2, 1)).hasMessageContaining("min-p is 2.0");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, 0.5))
        .hasMessage("repetition penalty is 0.5; it must be at least 1");
  }
}
