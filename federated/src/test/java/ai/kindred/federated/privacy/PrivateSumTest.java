package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.kindred.core.kernel.Key;
import ai.kindred.federated.privacy.PrivateSum.State;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrivateSumTest {

  private static final Key KEY = Key.of(3);

  @Test
  void longUpdatesAreShortenedAndShortOnesLeftAlone() {
    State five = new State(5);
    float[] longer = {6, -8};
    assertThat(PrivateSum.clip(five, longer)).isFalse();
    assertThat(longer).containsExactly(3, -4);
    float[] shorter = {3, 4};
    assertThat(PrivateSum.clip(five, shorter)).isTrue();
    assertThat(shorter).containsExactly(3, 4);
    assertThat(PrivateSum.factor(five, 0)).isEqualTo(1);
    assertThat(PrivateSum.factor(five, 20)).isEqualTo(0.25);
  }

  @Test
  void updatesThatAreNotFiniteAreRefusedAndLeftAlone() {
    float[] bad = {1, Float.NaN};
    assertThatThrownBy(() -> PrivateSum.clip(new State(1), bad)).hasMessageContaining("length NaN");
    assertThat(bad[0]).isEqualTo(1);
    assertThatThrownBy(() -> PrivateSum.clip(new State(1), new float[] {Float.POSITIVE_INFINITY}))
        .hasMessageContaining("length Infinity");
    // Floats whose squares overflow floats are clipped like any.
    float[] huge = {Float.MAX_VALUE, Float.MAX_VALUE};
    assertThat(PrivateSum.clip(new State(1), huge)).isFalse();
    assertThat(huge[0]).isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
  }

  @Test
  void noiseHasTheDeviationSaid() {
    PrivateSum sum = PrivateSum.of(1.5, new Clipping.Fixed(4), 100);
    double[] noised = new double[200_000];
    sum.noise(sum.start(), noised, KEY);
    double mean = Arrays.stream(noised).average().orElseThrow();
    double variance = Arrays.stream(noised).map(x -> x * x).average().orElseThrow();
    double fourth = Arrays.stream(noised).map(x -> x * x * x * x).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(0.06));
    assertThat(variance).isCloseTo(36, withinPercentage(1));
    assertThat(fourth / variance / variance).isCloseTo(3, within(0.06));

    PrivateSum large = new PrivateSum(1.5, new Clipping.Fixed(4), 100, 1000);
    double[] less = new double[200_000];
    large.noise(large.start(), less, KEY);
    assertThat(less[7]).isCloseTo(noised[7] / 10, within(1e-12));
    assertThat(large.mechanism(1e6)).isEqualTo(new SampledGaussian(1e-3, 1.5));
  }

  @Test
  void noiseFollowsFromTheKeyAlone() {
    double[] once = new double[40_000];
    double[] longer = new double[50_000];
    GaussianNoise.add(once, 1, KEY);
    GaussianNoise.add(longer, 1, KEY);
    assertThat(Arrays.copyOf(longer, once.length)).isEqualTo(once);
    double[] other = new double[40_000];
    GaussianNoise.add(other, 1, Key.of(4));
    assertThat(other[0]).isNotEqualTo(once[0]);
    assertThat(once[0]).isNotEqualTo(once[1 << 14]);
  }

  @Test
  void theBoundFindsTheQuantile() {
    PrivateSum sum = PrivateSum.of(0.5, new Clipping.Adaptive(0.1, 0.7, 0.2, 10), 200);
    SplittableRandom random = KEY.fold("lengths").random();
    State state = sum.start();
    double late = 0;
    for (int round = 0; round < 400; round++) {
      long within = 0;
      for (int user = 0; user < 200; user++) {
        within += 10 * random.nextDouble() <= state.clipNorm() ? 1 : 0;
      }
      state = sum.next(state, within, 200, KEY.fold(round));
      late += round >= 200 ? state.clipNorm() / 200 : 0;
    }
    assertThat(late).isCloseTo(7, within(0.2));
    // A fixed bound stays.
    PrivateSum fixed = PrivateSum.of(0.5, new Clipping.Fixed(2), 200);
    assertThat(fixed.next(fixed.start(), 0, 200, KEY)).isEqualTo(new State(2));
  }

  @Test
  void oneStepOfTheBoundWithoutNoiseToSpeakOf() {
    PrivateSum sum = PrivateSum.of(0, new Clipping.Adaptive(1, 0.5, 0.2, 1e-9), 10);
    // 8 of 10 within: C exp(-0.2 (0.8 - 0.5)).
    assertThat(sum.next(sum.start(), 8, 10, KEY).clipNorm())
        .isCloseTo(Math.exp(-0.06), within(1e-9));
    // Fewer came than expected: (3 - 2) / 10 + 1/2.
    assertThat(sum.next(sum.start(), 3, 4, KEY).clipNorm())
        .isCloseTo(Math.exp(-0.02), within(1e-9));
  }

  /** Updates and bits together cost what the whole multiplier says. */
  @Test
  void theBudgetIsSplit() {
    PrivateSum sum = PrivateSum.of(1.2, Clipping.Adaptive.median(100), 100);
    assertThat(sum.updateNoise()).isGreaterThan(1.2);
    RenyiAccountant accountant = new RenyiAccountant();
    PrivacyLedger parts =
        PrivacyLedger.of(SampledGaussian.ofAll(sum.updateNoise()), 1)
            .and(SampledGaussian.ofAll(5 / 0.5)); // a bit, counted from its middle, moves by a half
    assertThat(accountant.divergence(parts, 6))
        .isCloseTo(
            accountant.divergence(PrivacyLedger.of(SampledGaussian.ofAll(1.2), 1), 6),
            within(1e-12));
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new Clipping.Fixed(0)).hasMessageContaining("clipping norm 0.0");
    assertThatThrownBy(() -> new Clipping.Fixed(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Clipping.Adaptive(1, 1.5, 0.2, 1)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> PrivateSum.of(-1, new Clipping.Fixed(1), 5))
        .hasMessageContaining("noise multiplier -1.0");
    assertThatThrownBy(() -> PrivateSum.of(1, new Clipping.Fixed(1), 0))
        .hasMessageContaining("cohort 0.0");
    assertThatThrownBy(() -> new PrivateSum(1, new Clipping.Fixed(1), 10, 5))
        .hasMessageContaining("simulated cohort 5.0");
    assertThatThrownBy(() -> PrivateSum.of(4, new Clipping.Adaptive(1, 0.5, 0.2, 2), 40))
        .hasMessageContaining("leaves nothing for the updates");
    PrivateSum sum = PrivateSum.of(1, new Clipping.Fixed(1), 10);
    assertThatThrownBy(() -> sum.next(sum.start(), 3, 2, KEY)).hasMessageContaining("3 of 2");
    assertThatThrownBy(() -> GaussianNoise.add(new double[1], -1, KEY))
        .hasMessageContaining("-1.0");
  }
}
