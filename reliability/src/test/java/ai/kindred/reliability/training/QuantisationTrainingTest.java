package ai.kindred.reliability.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;
import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.ProtectedNetwork;
import ai.kindred.reliability.ProtectedTensor;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.network.Architecture;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS) // one network in floats for all
class QuantisationTrainingTest {

  private static final Observer NOBODY = event -> Signal.CONTINUE;
  private static final Images IMAGES = bars(512);
  private static final QuantisationTraining SHORT =
      new QuantisationTraining(12, 32, 1e-2, 0.9, 1e-4, 4);

  private final Scope all = Scope.open();
  private final TrainedNetwork floats =
      new FloatTraining(3, 64, 3e-3, false).run(Architecture.CNN, 1, IMAGES, NOBODY);
  private Scope scope = Scope.open();

  @BeforeEach
  void open() {
    scope.close();
    scope = Scope.open();
  }

  @AfterAll
  void close() {
    scope.close();
    all.close();
  }

  /** Noise with a bright bar, whose place is the class. */
  private static Images bars(int n) {
    SplittableRandom random = Key.of(4).fold("bars").random();
    byte[] pixels = new byte[n * 28 * 28];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(10);
      for (int p = 0; p < 28 * 28; p++) {
        boolean bar = p / 28 / 2 == labels[i] + 2;
        pixels[i * 28 * 28 + p] = (byte) (random.nextInt(60) + (bar ? 150 : 0));
      }
    }
    return new Images(1, 28, 28, pixels, labels);
  }

  private static byte[] values(TrainedNetwork t, String path) {
    double step = t.steps().getOrDefault(path, Double.NaN);
    double[] w =
        Tree.leaves(t.network()).getOrDefault(path, Tensor.scalar(0, DType.FLOAT64)).toDoubles();
    byte[] q = new byte[w.length];
    for (int i = 0; i < w.length; i++) {
      q[i] = (byte) Math.rint(w[i] / step);
      assertThat(q[i] * step)
          .as("%s[%d] is a multiple of its step", path, i)
          .isCloseTo(w[i], within(1e-9));
    }
    return q;
  }

  @Test
  void throttlingBringsSevenOfEachEightToTheirBoundsAndMovesTheMasters() {
    double[] w = {100, -90, 63.4, 63.6, -64.4, -64.6, 3, 127, 70, 0, 0, 0, 0, 0, 0, -300};
    double[] bounded = {63, -64, 63, 63, -64, -64, 3, 127, 63, 0, 0, 0, 0, 0, 0, -127};
    Tensor t = Tensor.of(Arrays.stream(w).map(x -> 0.5 * x).toArray(), 2, 2, 4, 1);
    assertThat(Throttle.bounded(Throttle.rounded(t, 0.5)).toDoubles()).containsExactly(bounded);
    double[] masters = Throttle.masters(t, 0.5).reshape(-1).toDoubles();
    for (int i = 0; i < w.length; i++) {
      double q = Math.max(-127, Math.min(127, Math.rint(w[i])));
      double expected = i % 8 == 7 || q == bounded[i] ? w[i] : w[i] * bounded[i] / q;
      assertThat(masters[i]).as("master %d", i).isCloseTo(0.5 * expected, within(1e-12));
    }
    assertThat(Throttle.violations(t, 0.5)).isEqualTo(5);
  }

  @Test
  void imagesAreMirroredByTheStepAlone() {
    Tensor plain = ImageBatch.shuffled(IMAGES, 16, Key.of(1)).at(3).get(0).tensors().images();
    Tensor some = ImageBatch.mirrored(IMAGES, 16, Key.of(1)).at(3).get(0).tensors().images();
    int mirrored = 0;
    for (int i = 0; i < 16; i++) {
      float[] image = some.select(0, i).contiguous().toFloats();
      boolean same = Arrays.equals(image, plain.select(0, i).contiguous().toFloats());
      float[] mirror = plain.select(0, i).flip(-1).contiguous().toFloats();
      assertThat(same || Arrays.equals(image, mirror)).isTrue();
      mirrored += same ? 0 : 1;
    }
    assertThat(mirrored).isBetween(1, 15);
    assertThat(
            ImageBatch.mirrored(IMAGES, 16, Key.of(1)).at(3).get(0).tensors().images().toFloats())
        .isEqualTo(some.toFloats());
  }

  @Test
  void gradientsPassRoundingAsIfItWereNotThere() {
    Tensor x = Tensor.of(new double[] {1, 2, 3}, 1, 3);
    Tensor w = Tensor.of(new double[] {0.31, -0.77, 90}, 1, 3);
    Grad<Tensor> g = Grad.of(v -> new FakeWeights(new Dense(v, null), 0.5, true).apply(x).sum(), w);
    assertThat(g.value().item()).isCloseTo(1 * 0.5 + 2 * -1.0 + 3 * 31.5, within(1e-12));
    assertThat(g.grads().toDoubles()).containsExactly(1, 2, 3);
  }

  @Test
  void rangesAreMovingAveragesOfWhatLayersAreGiven() {
    TrainedNetwork t = floats;
    Calibration c = Calibration.of(t.network(), IMAGES);
    assertThat(c.ranges()).containsOnlyKeys("conv1", "conv2", "fc1", "fc2");
    double greatest = 0;
    for (int from = 0; from < 512; from += 128) {
      int most = 0;
      for (int p = from * 784; p < (from + 128) * 784; p++) {
        most = Math.max(most, Byte.toUnsignedInt(IMAGES.pixels()[p]));
      }
      greatest = from == 0 ? most / 255.0 : 0.97 * greatest + 0.03 * most / 255.0;
    }
    assertThat(c.ranges().getOrDefault("conv1", 0.0)).isCloseTo(greatest, within(1e-6));
    double most =
        Arrays.stream(
                Tree.leaves(t.network())
                    .getOrDefault("fc1.weight", Tensor.scalar(0, DType.FLOAT32))
                    .toDoubles())
            .map(Math::abs)
            .max()
            .orElseThrow();
    assertThat(c.steps().getOrDefault("fc1.weight", 0.0)).isBetween(most / 127, most / 127 * 1.01);
  }

  @Test
  void afterThrottlingTheInPlaceCodeFitsAndTheNetworkStillKnowsItsImages() {
    TrainedNetwork from = floats;
    double before = Accuracy.of(from.network(), IMAGES);
    assertThat(before).isGreaterThan(90);
    TrainedNetwork qatt = SHORT.run(from, Method.QATT, 1, IMAGES, IMAGES, NOBODY);
    assertThat(Accuracy.of(qatt.network(), IMAGES)).isGreaterThan(before - 5);
    Map<String, byte[]> kept = new LinkedHashMap<>();
    for (String path : qatt.steps().keySet()) {
      byte[] q = values(qatt, path);
      ProtectedTensor memory =
          ProtectedTensor.encode(path, ByteBuffer.wrap(q), new InPlaceSecded57());
      memory.words().flip(13);
      memory.scrub(Doubles.RAISE);
      assertThat(memory.weights()).isEqualTo(q);
      kept.put(path, q);
    }
    assertThat(kept).hasSize(4);
  }

  @Test
  void aProtectedNetworkComputesTheSameAndIsRepairedWhereItRuns() {
    TrainedNetwork qatt = SHORT.run(floats, Method.QATT, 1, IMAGES, IMAGES, NOBODY);
    ProtectedNetwork safe = ProtectedNetwork.protect(qatt, Doubles.RAISE);
    Tensor x = IMAGES.floats(0, 1, 2);
    float[] expected = qatt.network().logits(x).toFloats();
    assertThat(safe.network().logits(x).toFloats()).containsExactly(expected, within(1e-3f));
    safe.memory().get(0).words().flip(7);
    safe.memory().get(1).words().flip(64 * 5 + 63);
    assertThat(safe.network().logits(x).toFloats()).isNotEqualTo(expected);
    assertThat(safe.scrub().corrected()).isEqualTo(2);
    assertThat(safe.network().logits(x).toFloats()).containsExactly(expected, within(1e-3f));
  }

  @Test
  void whatDoesNotFitCannotBeProtected() {
    TrainedNetwork int8 = SHORT.run(floats, Method.INT8, 1, IMAGES, IMAGES, NOBODY);
    assertThatThrownBy(() -> ProtectedNetwork.protect(floats, Doubles.RAISE))
        .hasMessageContaining("conv1.weight has no int8 step")
        .hasMessageContaining("trained by FLOAT");
    assertThatThrownBy(() -> ProtectedNetwork.protect(int8, Doubles.RAISE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".weight: word");
  }

  @Test
  void withoutThrottlingWeightsStayOutOfBounds() {
    TrainedNetwork int8 = SHORT.run(floats, Method.INT8, 1, IMAGES, IMAGES, NOBODY);
    long beyond = 0;
    for (String path : int8.steps().keySet()) {
      byte[] q = values(int8, path);
      for (int i = 0; i < q.length; i++) {
        beyond += i % 8 != 7 && (q[i] < -64 || q[i] > 63) ? 1 : 0;
      }
    }
    assertThat(beyond).isPositive();
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    TrainedNetwork from = floats;
    TrainedNetwork a = SHORT.run(from, Method.QATT, 2, IMAGES, IMAGES, NOBODY);
    TrainedNetwork b = SHORT.run(from, Method.QATT, 2, IMAGES, IMAGES, NOBODY);
    TrainedNetwork c = SHORT.run(from, Method.QATT, 3, IMAGES, IMAGES, NOBODY);
    assertThat(values(a, "fc1.weight")).isEqualTo(values(b, "fc1.weight"));
    assertThat(values(a, "fc1.weight")).isNotEqualTo(values(c, "fc1.weight"));
  }

  @Test
  void theDirectionMethodLeavesSomeAndClampsThem() {
    TrainedNetwork from = floats;
    long[] seen = {0, 0};
    Admm.Result result =
        new Admm(SHORT, 1.5e-3, 4)
            .run(
                from,
                1,
                IMAGES,
                event -> {
                  seen[0] += event.kind().equals("admm") ? 1 : 0;
                  seen[1] += event.kind().equals("train") ? 1 : 0;
                  return Signal.CONTINUE;
                });
    assertThat(seen).containsExactly(3, 12);
    assertThat(result.violations()).isPositive();
    for (String path : result.network().steps().keySet()) {
      ProtectedTensor unused =
          ProtectedTensor.encode(
              path, ByteBuffer.wrap(values(result.network(), path)), new InPlaceSecded57());
    }
  }

  @Test
  void startsFromFloatsAlone() {
    TrainedNetwork int8 = SHORT.run(floats, Method.INT8, 1, IMAGES, IMAGES, NOBODY);
    assertThatThrownBy(() -> SHORT.run(int8, Method.QATT, 1, IMAGES, IMAGES, NOBODY))
        .hasMessageContaining("starts from a network trained in floats, not by INT8");
    assertThatThrownBy(() -> SHORT.run(floats, Method.ADMM, 1, IMAGES, IMAGES, NOBODY))
        .hasMessage("this trains INT8 and QATT, not ADMM");
  }
}
