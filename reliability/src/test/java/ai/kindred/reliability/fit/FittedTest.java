package ai.kindred.reliability.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fit.Quantiser.Granularity;
import ai.kindred.reliability.fit.Quantiser.Quantised;
import java.util.EnumSet;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Formats against what an independent simulation measured, and against their own promises. */
class FittedTest {

  private static float[] gauss(int n, long seed) {
    SplittableRandom random = Key.of(seed).random();
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      w[i] = (float) random.nextGaussian();
    }
    return w;
  }

  private static float[] laplace(int n, long seed) {
    SplittableRandom random = Key.of(seed).random();
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      double u = random.nextDouble() - 0.5;
      w[i] = (float) (-Math.signum(u) * Math.log1p(-2 * Math.abs(u)));
    }
    return w;
  }

  private static double int8(float[] w, int in) {
    return Quantiser.sqnr(w, Quantiser.int8(Granularity.ROW).quantise(w, in).dequantised());
  }

  /** Decibels of synthetic weights with a scale a row of 4096, from a simulation in NumPy. */
  @ParameterizedTest
  @CsvSource({"true, 41.4, 18.2, 35.3, 28.6", "false, 36.6, 19.5, 30.5, 32.8"})
  void ratiosAreThoseOfTheSimulation(
      boolean gaussian, double int8, double clamped, double int7, double flagged) {
    int in = 4096;
    float[] w = gaussian ? gauss(64 * in, 1) : laplace(64 * in, 1);
    assertThat(int8(w, in)).isCloseTo(int8, within(0.7));
    assertThat(Fitted.of(w, in, Format.BESIDE).sqnr()).isCloseTo(int8(w, in), within(1e-9));
    assertThat(Fitted.of(w, in, Format.CLAMPED).sqnr()).isCloseTo(clamped, within(0.7));
    assertThat(Fitted.of(w, in, Format.INT7).sqnr()).isCloseTo(int7, within(0.7));
    // The simulation's outliers need not have had the same steps.
    assertThat(Fitted.of(w, in, Format.FLAGGED).sqnr()).isCloseTo(flagged, within(1.0));
    double gain = Fitted.of(w, in, Format.HALF_STEP).sqnr() - Fitted.of(w, in, Format.INT7).sqnr();
    assertThat(gain).isCloseTo(0.43, within(0.1)); // 7/8 of the noise and 1/4 of 1/8
    Fitted best = Fitted.best(w, in, EnumSet.complementOf(EnumSet.of(Format.BESIDE)));
    assertThat(best.format()).isEqualTo(gaussian ? Format.HALF_STEP : Format.FLAGGED);
    // Seven bits of eight weights: 4.6 dB if words of the code were spread as well as can be (E8);
    // 7 bits for all weights cost 6.1.
    assertThat(int8(w, in) - Fitted.of(w, in, Format.CODEWORDS).sqnr()).isBetween(4.6, 5.95);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void everyFormatFitsItsCodeAndItsScale(Format format) {
    int in = 160;
    float[] w = laplace(48 * in, 7);
    Fitted fitted = Fitted.of(w, in, format);
    WordCode code = format.code();
    Words words = Words.allocate(w.length, code.checkBytes());
    words.bytes().put(fitted.values());
    code.encode(words);
    assertThat(fitted.sqnr()).isCloseTo(Quantiser.sqnr(w, fitted.dequantised()), within(1e-12));
    int[] order = fitted.order();
    double worst = 0;
    float[] v = fitted.dequantised();
    for (int j = 0; j < w.length; j++) {
      worst = Math.max(worst, Math.abs(w[j] - v[j]) / fitted.scales()[j / in]);
    }
    boolean onlyRounds = format == Format.BESIDE || format == Format.INT7;
    assertThat(worst).isLessThan(onlyRounds ? 0.5001 : format == Format.CODEWORDS ? 1.5001 : 70);
    assertThat(order != null).isEqualTo(format == Format.PERMUTED);
    if (format != Format.HALF_STEP) {
      assertThat(fitted.changed() == 0).isEqualTo(onlyRounds);
    }
    for (float s : fitted.scales()) {
      assertThat(Float.floatToRawIntBits(s) & 0xffff).isZero(); // exact in bfloat16
    }
  }

  @Test
  void inputsWithLargeWeightsMoveToTheFreeSlot() {
    int in = 64;
    float[] w = gauss(32 * in, 3);
    for (int j = 0; j < w.length; j++) {
      w[j] *= j % in == 5 || j % in == 21 ? 8 : 1;
    }
    Fitted permuted = Fitted.of(w, in, Format.PERMUTED);
    int[] order = Objects.requireNonNull(permuted.order());
    assertThat(order).doesNotHaveDuplicates().hasSize(in);
    assertThat(IntStream.range(0, 8).map(k -> order[8 * k + 7])).contains(5, 21);
    assertThat(permuted.sqnr()).isGreaterThan(Fitted.of(w, in, Format.CLAMPED).sqnr() + 6);
    assertThat(Fitted.best(w, in, EnumSet.of(Format.CLAMPED, Format.PERMUTED, Format.INT7)))
        .extracting(Fitted::format)
        .isEqualTo(Format.PERMUTED);
  }

  @ParameterizedTest
  @CsvSource({"8, TENSOR", "8, ROW", "8, GROUP", "4, TENSOR", "4, ROW", "4, GROUP"})
  void quantisersRoundToTheNearestStep(int bits, Granularity granularity) {
    Quantiser quantiser = new Quantiser(bits, granularity, 32);
    float[] w = gauss(8 * 128, 5);
    Quantised q = quantiser.quantise(w, 128);
    assertThat(q.scales())
        .hasSize(granularity == Granularity.TENSOR ? 1 : granularity == Granularity.ROW ? 8 : 32);
    float[] v = q.dequantised();
    for (int i = 0; i < w.length; i++) {
      float step = q.scales()[i / q.perScale()];
      assertThat(Math.abs(w[i] - v[i])).isLessThanOrEqualTo(0.5001f * step);
      assertThat((int) q.values()[i]).isBetween(-quantiser.largest(), quantiser.largest());
    }
  }

  @Test
  void sharesAreCounted() {
    byte[] q = {0, 31, -32, 63, -63, 64, -64, 127, 0, 0, 0, 0, 0, 0, 0, -128, 100, -100};
    Shares shares = Shares.of(q);
    assertThat(shares.below32()).isEqualTo(9 / 18.0);
    assertThat(shares.below64()).isEqualTo(3 / 18.0);
    assertThat(shares.upTo128()).isEqualTo(6 / 18.0);
    assertThat(shares.fitting()).isEqualTo(1 / 3.0);
    assertThat(shares.oneLarge()).isEqualTo(1 / 3.0);
  }

  @Test
  void rangesMove() {
    MovingRange r = new MovingRange(0.9, 0).with(10).with(0);
    assertThat(r.range()).isCloseTo(9, within(1e-12));
    assertThatThrownBy(() -> new MovingRange(1, 0)).hasMessageContaining("decay 1.0");
  }

  @Test
  void whatDoesNotFitIsTold() {
    assertThatThrownBy(() -> Fitted.of(new float[24], 12, Format.INT7))
        .hasMessage(
            "24 weights in rows of 12: rows are protected in words of 8 weights, and this length"
                + " leaves 4 over");
    assertThatThrownBy(
            () -> Fitted.of(new float[] {1, 2, Float.NaN, 0, 0, 0, 0, 0}, 8, Format.INT7))
        .hasMessage("weight 2 is NaN; finite ones can be quantised");
    assertThatThrownBy(() -> new Quantiser(9, Granularity.ROW, 0)).hasMessageContaining("9 bits");
  }
}
