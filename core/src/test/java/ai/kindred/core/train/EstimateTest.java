package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EstimateTest {

  private static DecoderWork work(DType dtype, boolean recompute) {
    return new DecoderWork(2, 10, 2, 1, 5, 20, 100, 30, 6, 7, dtype, recompute);
  }

  @Test
  void activationsOfADecoderByHand() {
    // A block a token: 4*10 + 3*10 + 3*5 + 2*6 + 4*20 = 177 numbers; scores 3*7*100 float32.
    assertThat(work(DType.FLOAT32, false).activationBytes())
        .isEqualTo(30 * 2 * 177 * 4 + 3 * 7 * 100 * 4);
    assertThat(work(DType.FLOAT32, true).activationBytes())
        .isEqualTo(30 * (2 * 10 + 177) * 4 + 3 * 7 * 100 * 4);
    // bfloat16 halves them, but for two float32 copies in each of two norms.
    assertThat(work(DType.BFLOAT16, false).activationBytes())
        .isEqualTo(30 * 2 * (177 * 2 + 4 * 10 * 4) + 3 * 7 * 100 * 4);
  }

  @Test
  void operationsOfADecoderByHand() {
    // Weights of a block: 10*(2*10 + 2*5 + 3*20) = 900; attention 2*2*10*6 a token.
    double forward = 30 * 2 * (2.0 * 900 + 240) + 2.0 * 7 * 10 * 100;
    assertThat(work(DType.FLOAT32, false).forwardFlops()).isEqualTo(forward);
    assertThat(work(DType.FLOAT32, false).stepFlops()).isEqualTo(3 * forward);
    assertThat(work(DType.FLOAT32, true).stepFlops()).isEqualTo(4 * forward);
  }

  @Test
  void aTracedKernelsOperationsServeAsWell() {
    record Layer(Tensor x, Tensor w) {}
    try (Scope scope = Scope.open();
        Kernel<Layer, Tensor> kernel = Kernel.of(in -> in.x().linear(in.w()))) {
      Layer layer =
          new Layer(Tensor.zeros(DType.FLOAT32, 8, 32), Tensor.zeros(DType.FLOAT32, 16, 32));
      assertThat(kernel.flops(layer)).isEqualTo(2.0 * 8 * 32 * 16);
      assertThat(scope.size()).isPositive();
    }
  }

  @Test
  void memoryCountsTwoCopiesOfWhatAStepReplaces() {
    try (Scope scope = Scope.open()) {
      Params p = new Params(Map.of("w", Tensor.zeros(DType.FLOAT32, 100, 10)));
      Estimate e = Estimate.of(p, AdamW.defaults(), 5000, 700, 1e9);
      assertThat(e.parameterBytes()).isEqualTo(2 * 4000);
      assertThat(e.gradientBytes()).isEqualTo(4000);
      assertThat(e.optimizerBytes()).isEqualTo(2 * (8000 + 8));
      assertThat(e.bytes()).isEqualTo(5000 + 8000 + 4000 + 16016 + 700);
      assertThat(e.secondsPerStep(new Machine(1, 2e9))).isEqualTo(0.5);
      assertThat(scope.size()).isPositive();
    }
  }

  @Test
  void adviceNamesTheLargestPartsAndWhatHelps() {
    Estimate e = new Estimate(1_000_000_000, 10, 5, 40, 6_000_000_000L, 1);
    assertThat(e.advice(new Machine(8_000_000_000L, 1))).isEmpty();
    assertThat(e.advice(new Machine(4_000_000_000L, 1)))
        .hasValue(
            "the run needs about 7.0 GB, the machine has 4.0 GB; activations take 6.0 GB: give a"
                + " smaller token budget a batch (and add up several), recompute blocks, or compute"
                + " in bfloat16; frozen weights take 1.0 GB: load them in bfloat16 or int8");
  }

  @Test
  void aRunIsDescribedInASentence() {
    Estimate e = new Estimate(1_000_000_000, 200_000_000, 100_000_000, 400_000_000, 0, 6e9);
    assertThat(e.describe(new Machine(1, 2e9), 20))
        .isEqualTo(
            "about 1.7 GB of memory for training's tensors (frozen weights 1.0 GB, trained 0.3 GB,"
                + " optimiser 0.4 GB, activations 0.0 GB), more for the process and for answers,"
                + " and, for 20 steps, 60 s or more");
    assertThat(e.describe(new Machine(1, 2e9), 100)).endsWith("for 100 steps, 5 min or more");
    assertThat(e.describe(new Machine(1, 2e9), 3000)).endsWith("for 3000 steps, 2.5 h or more");
  }

  @Test
  void frozenWeightsSaveOneOfTwoGradients() {
    assertThat(work(DType.FLOAT32, false).frozenStepFlops())
        .isEqualTo(2 * work(DType.FLOAT32, false).forwardFlops());
    assertThat(work(DType.FLOAT32, true).frozenStepFlops())
        .isEqualTo(3 * work(DType.FLOAT32, true).forwardFlops());
  }

  @Test
  void theMachineIsMeasured() {
    int before = Scope.live();
    Machine machine = Machine.measure(DType.FLOAT32);
    // Between a very slow and an impossible processor.
    assertThat(machine.flopsPerSecond()).isBetween(1e8, 1e14);
    assertThat(machine.memoryBytes()).isBetween(1L << 27, 1L << 46);
    assertThat(Scope.live()).isEqualTo(before);
  }

  @Test
  void smolLm2IsInTheRangeThatWasMeasured() {
    // SmolLM2-135M, 4 sequences of 256, bfloat16: a probe peaked at 2.4 GB, 1.24 GB recomputed,
    // of which weights take 0.27 and the process about 0.5.
    DecoderWork plain =
        new DecoderWork(30, 576, 9, 3, 64, 1536, 49152, 1024, 256, 256, DType.BFLOAT16, false);
    DecoderWork again =
        new DecoderWork(30, 576, 9, 3, 64, 1536, 49152, 1024, 256, 256, DType.BFLOAT16, true);
    assertThat(plain.activationBytes() / 1e9).isCloseTo(2.4 - 0.77, within(0.5));
    assertThat(again.activationBytes() / 1e9).isCloseTo(1.24 - 0.77, within(0.35));
  }
}
