package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainingStepTest {

  private static final Key KEY = Key.of(1);

  private int before;
  private Scope scope = Scope.open();

  @BeforeEach
  void open() {
    scope.close();
    before = Scope.live();
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertThat(Scope.live()).isEqualTo(before);
    scope = Scope.open();
  }

  /** Loss mean(w x): the gradient is the mean of x's rows. */
  private static final Objective<Tensor> MEAN =
      (p, x, key) -> x.mul(p.get("w")).sum(-1, false).mean();

  private static Params weights(float... w) {
    return new Params(Map.of("w", Tensor.of(w)));
  }

  private static Batch<Tensor> rows(int n, float... x) {
    return Batch.of(Tensor.of(x, n, x.length / n), n);
  }

  @Test
  void aStepDescendsAlongTheGradient() {
    try (TrainingStep<Tensor> step = new TrainingStep<>(MEAN, Sgd.defaults(), 0)) {
      TrainingStep.Result r =
          step.run(step.start(weights(1, 2)), List.of(rows(2, 3, 0, 3, 8)), 0.5, KEY);
      assertThat(r.loss()).isEqualTo(3 + 8);
      assertThat(r.gradientNorm()).isCloseTo(5, within(1e-6));
      assertThat(r.state().params().get("w").toFloats())
          .containsExactly(new float[] {1 - 1.5f, 2 - 2}, within(1e-6f));
    }
  }

  @Test
  void aLongGradientIsScaledToTheBoundAndAShortOneIsNot() {
    try (TrainingStep<Tensor> step = new TrainingStep<>(MEAN, Sgd.defaults(), 1)) {
      TrainingStep.Result r = step.run(step.start(weights(0, 0)), List.of(rows(1, 3, 4)), 1, KEY);
      assertThat(r.gradientNorm()).isCloseTo(5, within(1e-6));
      assertThat(r.state().params().get("w").toFloats())
          .containsExactly(new float[] {-0.6f, -0.8f}, within(1e-6f));
      r = step.run(step.start(weights(0, 0)), List.of(rows(1, 0.3f, 0.4f)), 1, KEY);
      assertThat(r.state().params().get("w").toFloats())
          .containsExactly(new float[] {-0.3f, -0.4f}, within(1e-7f));
    }
  }

  @Test
  void partsOfABatchAddUpToItByTheirTargets() {
    try (TrainingStep<Wave.Points> step = new TrainingStep<>(Wave.PLAIN, AdamW.defaults(), 1)) {
      TrainingStep.State start = step.start(Wave.params(1));
      Batch<Wave.Points> all = Wave.batch(7, 30);
      Batch<Wave.Points> few = part(all, 0, 4);
      Batch<Wave.Points> many = part(all, 4, 26);
      TrainingStep.Result whole = step.run(start, List.of(all), 0.1, KEY);
      TrainingStep.Result summed = step.run(start, List.of(few, many), 0.1, KEY);
      assertThat(summed.loss()).isCloseTo(whole.loss(), within(1e-6));
      assertThat(summed.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-5));
      whole
          .state()
          .params()
          .asMap()
          .forEach(
              (path, t) ->
                  assertThat(summed.state().params().get(path).toFloats())
                      .as(path)
                      .containsExactly(t.toFloats(), within(1e-5f)));
    }
  }

  private static Batch<Wave.Points> part(Batch<Wave.Points> all, long from, long n) {
    return Batch.of(
        new Wave.Points(all.tensors().x().narrow(0, from, n), all.tensors().y().narrow(0, from, n)),
        n);
  }

  @Test
  void anObjectiveMustGiveOneNumber() {
    try (TrainingStep<Tensor> step =
        new TrainingStep<>((p, x, key) -> x.mul(p.get("w")), Sgd.defaults(), 0)) {
      TrainingStep.State start = step.start(weights(1, 2));
      assertThatThrownBy(() -> step.run(start, List.of(rows(1, 1, 1)), 1, KEY))
          .hasStackTraceContaining("an objective gives a float32 number without axes");
      assertThatThrownBy(() -> step.run(start, List.of(), 1, KEY))
          .hasMessage("a step needs at least one batch");
      assertThatThrownBy(() -> step.start(new Params(Map.of())))
          .hasMessage("there are no parameters to train");
    }
  }

  @Test
  void aBatchWithoutTargetsIsRefused() {
    assertThatThrownBy(() -> new Batch<>("x", 0, 5, 1))
        .hasMessage("a batch with 0 targets has no mean loss; leave it out");
  }

  @Test
  void frozenWeightsAreInputsOfTheKernel() {
    Tensor frozen = Tensor.of(new float[] {2, 3});
    Objective<Tensor> objective = (p, x, key) -> p.get("w").mul(frozen).mul(x).sum();
    try (TrainingStep<Tensor> step = new TrainingStep<>(objective, Sgd.defaults(), 0)) {
      TrainingStep.Result r = step.run(step.start(weights(0, 0)), List.of(rows(1, 1, 1)), 1, KEY);
      assertThat(r.state().params().get("w").toFloats()).containsExactly(-2, -3);
      assertThat(frozen.toFloats()).containsExactly(2, 3);
      assertThat(frozen.dtype()).isEqualTo(DType.FLOAT32);
    }
  }
}
