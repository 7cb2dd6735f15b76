package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

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

  static Map<String, ByteBuffer> bits(Params params) {
    Map<String, ByteBuffer> bits = new TreeMap<>();
    params.asMap().forEach((path, t) -> bits.put(path, t.toBytes()));
    return bits;
  }

  @Test
  void itLearnsAndTellsHow() {
    Params initial = Wave.params(1);
    Map<String, ByteBuffer> untouched = bits(initial);
    List<Event> events = new ArrayList<>();
    int owned = scope.size();
    Trained trained =
        Training.of(Wave.config(200), Wave.PLAIN, Wave.BATCHES)
            .observedBy(
                e -> {
                  events.add(e);
                  return Signal.CONTINUE;
                })
            .run(initial);
    assertThat(scope.size()).as("only the result is left").isEqualTo(owned + 3);
    assertThat(events).hasSize(200);
    assertThat(events.get(199).step()).isEqualTo(200);
    assertThat(events.get(199).number("loss")).isLessThan(0.02);
    assertThat(events.get(0).number("loss")).isGreaterThan(0.5);
    assertThat(events.get(0).number("rate")).isEqualTo(0.02 / 5);
    assertThat(events.get(0).values().keySet())
        .containsExactly("loss", "grad_norm", "rate", "tokens_per_second", "examples_per_second");
    assertThat(trained.steps()).isEqualTo(200);
    assertThat(trained.end()).isEqualTo(Trained.End.FINISHED);
    assertThat(trained.best()).isSameAs(trained.params());
    assertThat(bits(initial)).isEqualTo(untouched);
  }

  @Test
  void nativeMemoryDoesNotGrowWithTheSteps() {
    List<Integer> live = new ArrayList<>();
    Training.of(Wave.config(20), Wave.WITH_DROPOUT, Wave.PARTS)
        .observedBy(
            e -> {
              live.add(Scope.live());
              return Signal.CONTINUE;
            })
        .run(Wave.params(1));
    assertThat(live.subList(2, 20)).containsOnly(live.get(1));
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    Map<String, ByteBuffer> first = bits(train(3));
    assertThat(bits(train(3))).isEqualTo(first);
    assertThat(bits(train(4))).isNotEqualTo(first);
  }

  private static Params train(long seed) {
    return Training.of(Wave.config(10).withSeed(seed), Wave.WITH_DROPOUT, Wave.BATCHES)
        .run(Wave.params(1))
        .params();
  }

  @Test
  void anObserverStopsIt() {
    Trained trained =
        Training.of(Wave.config(50), Wave.PLAIN, Wave.BATCHES)
            .observedBy(e -> e.step() == 7 ? Signal.STOP : Signal.CONTINUE)
            .run(Wave.params(1));
    assertThat(trained.steps()).isEqualTo(7);
    assertThat(trained.end()).isEqualTo(Trained.End.OBSERVER);
  }

  @Test
  void itEndsWhenValidationDoesNotGetBetterAndReturnsTheBest() {
    Iterator<Double> losses = List.of(3.0, 2.0, 2.5, 2.0).iterator();
    List<Params> seen = new ArrayList<>();
    List<Map<String, ByteBuffer>> contents = new ArrayList<>();
    Trained trained =
        Training.of(Wave.config(50).withValidation(5, 2), Wave.PLAIN, Wave.BATCHES)
            .validatedBy(
                p -> {
                  seen.add(p);
                  contents.add(bits(p));
                  return losses.next();
                })
            .run(Wave.params(1));
    assertThat(trained.end()).isEqualTo(Trained.End.PATIENCE);
    assertThat(trained.steps()).isEqualTo(20);
    assertThat(trained.bestStep()).isEqualTo(10);
    assertThat(trained.bestLoss()).isEqualTo(2);
    assertThat(bits(trained.best())).isEqualTo(contents.get(1));
    assertThat(bits(trained.params())).isEqualTo(contents.get(3)).isNotEqualTo(contents.get(1));
    assertThatThrownBy(() -> seen.get(0).get("inner.bias").toFloats())
        .as("parameters that are neither last nor best are freed")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void meanLossWeighsBatchesByTheirTargets() {
    Objective<Tensor> mean = (p, x, key) -> x.mul(p.get("w")).mean();
    Params p = new Params(Map.of("w", Tensor.of(new float[] {2})));
    List<Batch<Tensor>> heldOut =
        List.of(
            Batch.of(Tensor.of(new float[] {1}), 1), Batch.of(Tensor.of(new float[] {5, 5, 5}), 3));
    try (MeanLoss<Tensor> loss = new MeanLoss<>(mean, heldOut)) {
      assertThat(loss.applyAsDouble(p)).isCloseTo(2 * (1 + 15) / 4.0, within(1e-6));
      assertThat(loss.applyAsDouble(p)).isCloseTo(8, within(1e-6));
    }
    try (MeanLoss<Tensor> loss = new MeanLoss<>(mean, List.of())) {
      assertThatThrownBy(() -> loss.applyAsDouble(p))
          .hasMessage("there are no batches to validate on");
    }
  }

  @Test
  void aLossThatIsNoNumberEndsItBeforeTheStep() {
    Batches<Wave.Points> broken =
        Batches.single(
            step -> {
              Batch<Wave.Points> b = Wave.batch(step, 4);
              Tensor bad = Tensor.full(Double.NaN, DType.FLOAT32).add(b.tensors().y());
              return step < 3 ? b : Batch.of(new Wave.Points(b.tensors().x(), bad), 4);
            });
    List<Event> events = new ArrayList<>();
    assertThatThrownBy(
            () ->
                Training.of(Wave.config(10), Wave.PLAIN, broken)
                    .observedBy(
                        e -> {
                          events.add(e);
                          return Signal.CONTINUE;
                        })
                    .run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("step 4: the loss is NaN and the gradient's norm NaN at learning")
        .hasMessageContaining("the step was not applied")
        .hasMessageContaining("Lower the learning rate");
    assertThat(events).hasSize(3);
  }

  @Test
  void aGradientThatIsNoNumberEndsItThoughTheLossIsOne() {
    Objective<Tensor> kinked = (p, x, key) -> p.get("w").sub(1).abs().sqrt().mul(x).sum();
    Params p = new Params(Map.of("w", Tensor.of(new float[] {1})));
    assertThatThrownBy(
            () ->
                Training.of(
                        Wave.config(3),
                        kinked,
                        Batches.single(s -> Batch.of(Tensor.of(new float[] {1}), 1)))
                    .run(p))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("step 1: the loss is 0.0 and the gradient's norm NaN");
  }

  @Test
  void aValidationThatIsNoNumberEndsIt() {
    assertThatThrownBy(
            () ->
                Training.of(Wave.config(3), Wave.PLAIN, Wave.BATCHES)
                    .validatedBy(p -> Double.NaN)
                    .run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("the validation after step 3 gave NaN");
  }

  @Test
  void dataFromAnIteratorMayEnd() {
    List<Long> made = new ArrayList<>();
    Batches<Wave.Points> four =
        Batches.following(
            from -> {
              made.add(from);
              return Stream.iterate(from, s -> s < 4, s -> s + 1)
                  .map(s -> List.of(Wave.batch(s, 8)))
                  .iterator();
            });
    assertThatThrownBy(() -> Training.of(Wave.config(9), Wave.PLAIN, four).run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessage("the data end before step 4: give data that repeat, or ask for 4 steps");
    assertThat(made).containsExactly(0L);
    assertThat(four.at(2).get(0).targets()).isEqualTo(8);
    assertThat(made).containsExactly(0L, 2L);
  }

  @Test
  void anInterruptionSavesBetweenStepsAndTheRunGoesOn(@TempDir Path folder) {
    TrainingConfig config = Wave.config(20).withCheckpoints(0, 1);
    Training<Wave.Points> run = Wave.saved(config, folder);
    assertThatThrownBy(
            () ->
                run.observedBy(
                        e -> {
                          if (e.step() == 6) {
                            Thread.currentThread().interrupt();
                          }
                          return Signal.CONTINUE;
                        })
                    .run(Wave.params(1)))
        .isInstanceOf(TrainingInterruptedException.class)
        .hasMessage(
            "training was interrupted after step 6; its state is in "
                + folder.resolve("step-000000000006.safetensors")
                + "; run it again to go on");
    assertThat(Thread.interrupted()).as("the interrupt status is set again").isTrue();
    Params resumed = run.run(Wave.params(1)).params();
    Params whole = Training.of(config, Wave.WITH_DROPOUT, Wave.PARTS).run(Wave.params(1)).params();
    assertThat(bits(resumed)).isEqualTo(bits(whole));
  }

  @Test
  void anInterruptionWhileSavingSavesAgain(@TempDir Path folder) {
    TrainingConfig config = Wave.config(20).withCheckpoints(6, 1);
    Training<Wave.Points> run =
        Wave.saved(config, folder)
            .validatedBy(p -> 1)
            .observedBy(
                e -> {
                  // The checkpoint of step 6 is written with the thread interrupted already.
                  if (e.step() == 6 && e.kind().equals("train")) {
                    Thread.currentThread().interrupt();
                  }
                  return Signal.CONTINUE;
                });
    assertThatThrownBy(() -> run.run(Wave.params(1)))
        .isInstanceOf(TrainingInterruptedException.class)
        .hasMessageContaining("step-000000000006.safetensors");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(folder).isDirectoryContaining("glob:**step-000000000006.safetensors");
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> Wave.config(0)).hasMessage("steps is 0; it must be at least 1");
    assertThatThrownBy(() -> Wave.config(1).withClipNorm(Double.NaN))
        .hasMessage("clipNorm is NaN; it must be 0 (no clipping) or more");
  }
}
