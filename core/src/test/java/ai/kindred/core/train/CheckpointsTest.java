package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {

  private static final long STEPS = 20;

  @TempDir private Path folder;
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

  private static TrainingConfig config() {
    return Wave.config(STEPS).withCheckpoints(3, 2);
  }

  private static Map<String, ByteBuffer> uninterrupted() {
    return TrainingTest.bits(
        Training.of(config(), Wave.WITH_DROPOUT, Wave.PARTS).run(Wave.params(1)).params());
  }

  private void trainTo(long step) {
    Wave.saved(config(), folder)
        .observedBy(e -> e.step() == step ? Signal.STOP : Signal.CONTINUE)
        .run(Wave.params(1));
  }

  private Path file(long step) {
    return folder.resolve("step-%012d.safetensors".formatted(step));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  @Test
  void theLastFewStay() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(".step-000000000003.safetensors.part0"), "killed while saving");
    trainTo(10);
    assertThat(files()).containsExactly(file(9), file(10));
  }

  @Test
  void aRunResumesToTheSameBits() {
    trainTo(10);
    Trained resumed = Wave.saved(config(), folder).run(Wave.params(2));
    assertThat(resumed.steps()).isEqualTo(STEPS);
    assertThat(TrainingTest.bits(resumed.params())).isEqualTo(uninterrupted());
    Trained again = Wave.saved(config(), folder).run(Wave.params(2));
    assertThat(TrainingTest.bits(again.params())).isEqualTo(uninterrupted());
  }

  @Test
  void theBestSoFarIsResumedToo() {
    TrainingConfig config = config().withValidation(2, 3);
    double[] losses = {9, 4, 5, 6, 7};
    int[] calls = {0};
    Training<Wave.Points> run = Wave.saved(config, folder).validatedBy(p -> losses[calls[0]++]);
    run.observedBy(e -> e.step() == 7 ? Signal.STOP : Signal.CONTINUE).run(Wave.params(1));
    // Validated after steps 2, 4 (the best), 6 and, because it was stopped there, 7.
    Trained resumed = run.run(Wave.params(1));
    assertThat(resumed.end()).isEqualTo(Trained.End.PATIENCE);
    assertThat(resumed.steps()).isEqualTo(8);
    assertThat(resumed.bestLoss()).isEqualTo(4);
    assertThat(resumed.bestStep()).isEqualTo(4);
    Params four =
        Training.of(Wave.config(4), Wave.WITH_DROPOUT, Wave.PARTS).run(Wave.params(1)).params();
    assertThat(TrainingTest.bits(resumed.best())).isEqualTo(TrainingTest.bits(four));
  }

  @Test
  void aKilledProcessResumesToTheSameBits() throws Exception {
    int killAt = Key.of(ProcessHandle.current().pid()).fold("kill").random().nextInt(1, 18);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Wave.class.getName(),
                folder.toString(),
                Long.toString(STEPS))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (InputStream steps = child.getInputStream()) {
      for (int i = 0; i < killAt; i++) {
        assertThat(steps.read()).as("the child takes step %d", i + 1).isEqualTo('.');
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as("killed, not ended").isNotZero();
    assertThat(file(STEPS)).doesNotExist();
    Trained resumed = Wave.saved(config(), folder).run(Wave.params(1));
    assertThat(TrainingTest.bits(resumed.params()))
        .as("killed at step %d", killAt)
        .isEqualTo(uninterrupted());
  }

  @Test
  void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    trainTo(10);
    byte[] whole = Files.readAllBytes(file(10));
    Files.write(file(10), Arrays.copyOf(whole, whole.length - 9));
    Snapshots checkpoints = TrainingLoop.snapshots(folder, config(), Map.of("data", "wave"));
    assertThat(checkpoints.latest()).extracting(Snapshot::file).isEqualTo(file(9));
    assertThat(Training.savedSteps(folder)).isEqualTo(9);
    Trained resumed = Wave.saved(config(), folder).run(Wave.params(1));
    assertThat(TrainingTest.bits(resumed.params())).isEqualTo(uninterrupted());
  }

  @Test
  void everyTruncationAndEveryFlippedBitIsFound() throws IOException {
    trainTo(10);
    byte[] whole = Files.readAllBytes(file(10));
    SplittableRandom random = Key.of(11).fold("damage").random();
    for (int i = 0; i < 400; i++) {
      byte[] bytes = whole.clone();
      if (i % 2 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        // Half of the flips go to the header, which is the smaller part.
        int at = random.nextInt(i % 4 == 1 ? 8 + 1500 : bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
      Path file = Files.write(folder.resolve("damaged-" + i + ".safetensors"), bytes);
      assertThatThrownBy(() -> Snapshot.open(file))
          .as("case %d", i)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged-" + i + ".safetensors");
    }
  }

  @Test
  void aRunDoesNotSilentlyBeginAgainWhenAllCheckpointsAreDamaged() throws IOException {
    trainTo(3);
    assertThat(Training.savedSteps(folder)).isEqualTo(3);
    assertThat(Training.savedSteps(folder.resolve("none"))).isZero();
    Files.write(file(3), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> Training.savedSteps(folder))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("no checkpoint in " + folder + " can be used");
    assertThatThrownBy(() -> Wave.saved(config(), folder).run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("no checkpoint in " + folder + " can be used: " + file(3))
        .hasMessageEndingWith("delete the folder to start again from the first step");
  }

  @Test
  void aCheckpointOfAnotherRunIsRefusedAndTheDifferenceNamed() {
    trainTo(3);
    TrainingConfig other = config().withOptimizer(new AdamW(0.9, 0.99, 1e-8, 0)).withSeed(8);
    assertThatThrownBy(() -> Wave.saved(other, folder).run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            file(3)
                + " is a checkpoint of another run: training.optimizer.beta2 is 0.999 there and"
                + " 0.99 here; training.seed is 3 there and 8 here; resume with the old settings,"
                + " or give another folder");
    Training<Wave.Points> elsewhere =
        Training.of(config(), Wave.WITH_DROPOUT, Wave.PARTS).savedTo(folder, Map.of());
    assertThatThrownBy(() -> elsewhere.run(Wave.params(1)))
        .hasMessageContaining("data is \"wave\" there and absent here");
  }

  @Test
  void aRunMayBeMadeLonger() {
    trainTo(3);
    TrainingConfig longer = Wave.config(25).withCheckpoints(7, 5);
    assertThat(Wave.saved(longer, folder).run(Wave.params(1)).steps()).isEqualTo(25);
    assertThatThrownBy(() -> Wave.saved(config(), folder).run(Wave.params(1)))
        .hasMessageContaining("is at step 25, past the 20 steps asked for");
  }

  @Test
  void aCheckpointOfOtherParametersIsRefused() {
    trainTo(3);
    Map<String, Tensor> wider = new LinkedHashMap<>(Wave.params(1).asMap());
    wider.put("inner.bias", Tensor.zeros(DType.FLOAT32, 17));
    assertThatThrownBy(() -> Wave.saved(config(), folder).run(new Params(wider)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining(
            "`state.params.inner.bias` is FLOAT32[16] there and FLOAT32[17] here");
    wider.remove("inner.bias");
    assertThatThrownBy(() -> Wave.saved(config(), folder).run(new Params(wider)))
        .hasMessageContaining("inner.bias`, which is not here");
  }

  @Test
  void aFolderThatCannotBeWrittenEndsTheRunWithItsName() throws IOException {
    Path notAFolder = Files.writeString(folder.resolve("occupied"), "a file");
    assertThatThrownBy(() -> Wave.saved(config(), notAFolder.resolve("below")).run(Wave.params(1)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("training stops after step 3: could not write " + notAFolder);
  }
}
