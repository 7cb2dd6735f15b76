package ai.kindred.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.InPlaceSecded56;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fault.Fault;
import ai.kindred.reliability.fault.FaultList;
import ai.kindred.reliability.fault.Injection;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProtectedTensorTest {

  /** Weights with Laplace's distribution, rms 12, that fit: the spread of trained int8 layers. */
  private static byte[] laplace(int n) {
    SplittableRandom random = Key.of(1).random();
    byte[] w = new byte[n];
    for (int i = 0; i < n; i++) {
      double u = random.nextDouble() - 0.5;
      double x = -Math.signum(u) * Math.log1p(-2 * Math.abs(u)) * 12 / Math.sqrt(2);
      w[i] = (byte) Math.max(-64, Math.min(63, Math.rint(x)));
    }
    return w;
  }

  private static ProtectedTensor tensor(byte[] weights) {
    return ProtectedTensor.encode("w", ByteBuffer.wrap(weights), new InPlaceSecded57());
  }

  /** Mean squared error of a damaged word. */
  private static double error(Doubles doubles) {
    byte[] weights = laplace(8 * 3000);
    ProtectedTensor t = tensor(weights);
    t.reloadFrom(word -> Words.over(direct(weights), 0).get(word));
    SplittableRandom random = Key.of(2).random();
    for (int word = 0; word < 3000; word++) {
      int first = random.nextInt(64);
      int second = (first + 1 + random.nextInt(63)) % 64;
      t.words().flip(64L * word + first);
      t.words().flip(64L * word + second);
    }
    assertThat(t.scrub(doubles)).isEqualTo(new Repairs(3000, 0, 3000));
    assertThat(t.scrub(Doubles.KEEP).detected()).isEqualTo(doubles == Doubles.KEEP ? 3000 : 0);
    byte[] after = t.weights();
    double sum = 0;
    for (int i = 0; i < after.length; i++) {
      sum += (after[i] - weights[i]) * (after[i] - weights[i]);
    }
    return sum / 3000;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** An independent simulation has 1783, 1144 and 229 for these weights. */
  @Test
  void meansOfCandidatesAreFarBetterThanZerosOrNothing() {
    assertThat(error(Doubles.KEEP)).isCloseTo(1783, within(180.0));
    assertThat(error(Doubles.ZERO)).isCloseTo(1144, within(60.0));
    assertThat(error(Doubles.POSTERIOR_MEAN)).isCloseTo(229, within(40.0));
    assertThat(error(Doubles.RELOAD)).isZero();
  }

  @Test
  void raisingNamesTheWord() {
    ProtectedTensor t = tensor(laplace(80));
    t.words().flip(64 * 7 + 1);
    t.words().flip(64 * 7 + 9);
    assertThatThrownBy(() -> t.scrub(Doubles.RAISE))
        .isInstanceOf(UncorrectableException.class)
        .hasMessage(
            "word 7 of w is damaged beyond repair by in-place (64,57); load the weights again");
    assertThatThrownBy(() -> t.scrub(Doubles.RELOAD)).hasMessageContaining("was not told");
    byte[] large = new byte[16];
    large[9] = 100;
    assertThatThrownBy(() -> tensor(large)).hasMessageStartingWith("w: word 1 does not fit");
  }

  @Test
  void doublesAreExpectedAsTheyComeByChance() {
    // 1 GiB, 1e-9 flips a bit and hour, a pass an hour.
    assertThat(Scrubber.expectedDoubles(1 << 27, 1e-9, 1)).isCloseTo(2.706e-7, within(1e-9));
    double t = Scrubber.interval(1 << 27, 1e-9, 0.01);
    assertThat(Scrubber.expectedDoubles(1 << 27, 1e-9, t)).isCloseTo(0.01, within(1e-12));
    assertThatThrownBy(() -> Scrubber.expectedDoubles(1, -1, 1)).hasMessageContaining("-1.0");
  }

  @Test
  void stuckCellsAreTold() {
    ProtectedTensor t = tensor(laplace(8 * 2000));
    long bit = 64 * 500 + 13;
    Fault.Kind kind = t.words().isSet(bit) ? Fault.Kind.STUCK_AT_0 : Fault.Kind.STUCK_AT_1;
    FaultList stuck = new FaultList(List.of(new Fault("w", bit, kind)));
    try (Injection in = Injection.into(Map.of("w", t.words()), stuck);
        Scrubber scrubber = Scrubber.start(List.of(t), Doubles.KEEP, 400)) {
      t.words().flip(77);
      for (int pass = 0; pass < 3; pass++) {
        in.holdStuck();
        scrubber.step(2000);
      }
      assertThat(scrubber.stuckCells(2)).hasSize(1);
      assertThat(scrubber.stuckCells(2).get(0).bit()).isEqualTo(bit);
      assertThat(scrubber.progress().passes()).isGreaterThanOrEqualTo(3);
      assertThat(scrubber.progress().repairs().corrected()).isBetween(4L, 5L);
    }
    assertThatThrownBy(() -> Scrubber.start(List.of(t), Doubles.KEEP, 399))
        .hasMessageContaining("399 bytes a second");
  }

  /**
   * Two scrubbers, an injector and a writer at once: a write is never undone by a repair, and all
   * single flips are gone in the end. The injector flips one bit of a word at a time and waits
   * until it has been repaired.
   */
  @Test
  void repairsAndWritesDoNotLoseEachOther() throws InterruptedException {
    int count = 2000;
    ProtectedTensor t =
        ProtectedTensor.encode("w", ByteBuffer.wrap(laplace(8 * count)), new InPlaceSecded56());
    InPlaceSecded56 code = new InPlaceSecded56();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    long[] written = new long[count];
    Arrays.setAll(written, t.words()::get);
    Thread writer =
        new Thread(
            () -> {
              SplittableRandom random = Key.of(5).random();
              Words one = Words.allocate(8, 0);
              while (!stop.get()) {
                int word = count / 2 + random.nextInt(count / 2); // not where the injector is
                one.set(0, random.nextLong() & 0x3f3f3f3f3f3f3f3fL);
                code.encode(one);
                t.words().set(word, one.get(0));
                written[word] = one.get(0);
              }
            });
    Thread injector =
        new Thread(
            () -> {
              SplittableRandom random = Key.of(6).random();
              while (!stop.get()) {
                int word = random.nextInt(count / 2);
                if (t.words().get(word) == written[word]) {
                  t.words().flip(64L * word + random.nextInt(64));
                }
              }
            });
    writer.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    injector.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    try (Scrubber a = Scrubber.start(List.of(t), Doubles.RAISE, 1L << 28);
        Scrubber b = Scrubber.start(List.of(t), Doubles.RAISE, 1L << 28)) {
      writer.start();
      injector.start();
      Thread.sleep(1500);
      stop.set(true);
      writer.join();
      injector.join();
      assertThat(a.progress().repairs().corrected() + b.progress().repairs().corrected())
          .isGreaterThan(100);
    }
    assertThat(failure.get()).isNull();
    assertThat(t.scrub(0, count, DamageHandler.KEEP).detected()).isZero();
    for (int word = 0; word < count; word++) {
      assertThat(t.words().get(word)).isEqualTo(written[word]);
    }
  }
}
