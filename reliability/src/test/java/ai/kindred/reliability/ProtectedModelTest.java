package ai.kindred.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.nn.Int8;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.fault.FaultList;
import ai.kindred.reliability.fault.FaultModel;
import ai.kindred.reliability.fault.Injection;
import ai.kindred.reliability.fit.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProtectedModelTest {

  @TempDir private Path folder;
  private Scope scope = Scope.open();
  private Path source = Path.of("");

  @BeforeEach
  void save() throws IOException {
    source = SmallModel.folder(folder.resolve("model"));
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static ProtectionOptions only(Format format, Reading reading) {
    return new ProtectionOptions(List.of(format), reading, Doubles.POSTERIOR_MEAN);
  }

  private static double distance(float[] a, float[] b) {
    double d = 0;
    double n = 0;
    for (int i = 0; i < a.length; i++) {
      d += (a[i] - b[i]) * (a[i] - b[i]);
      n += a[i] * a[i];
    }
    return Math.sqrt(d / n);
  }

  @Test
  void checksBesideChangeNothing() throws IOException {
    LanguageModel model = SmallModel.int8(source);
    ProtectedModel safe = ProtectedModel.protect(model, ProtectionOptions.beside());
    assertThat(safe.skipped()).isEmpty();
    assertThat(safe.layers()).hasSize(2 * 7 + 1);
    assertThat(SmallModel.logits(safe.model())).isEqualTo(SmallModel.logits(model));
    LanguageModel again = safe.unprotected();
    assertThat(SmallModel.logits(again)).isEqualTo(SmallModel.logits(model));
    assertThat(Tree.parts(again, Int8.class)).hasSize(15);
    Tree.leaves(again)
        .forEach(
            (path, t) -> {
              if (t.dtype() == DType.INT8) {
                assertThat(t.toLongs()).isEqualTo(Tree.params(model).get(path).toLongs());
              }
            });
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void everyFormatReadsAsWhatItIsUnprotected(Format format) throws IOException {
    Reading reading = format.readsInKernel() ? Reading.IN_KERNEL : Reading.WORKING_COPY;
    LanguageModel model = LanguageModel.load(source, Precision.BFLOAT16);
    ProtectedModel safe = ProtectedModel.protect(model, only(format, reading));
    float[] kept = SmallModel.logits(safe.model());
    // Another order of sums and halves that round apart: bfloat16 has 8 bits.
    assertThat(distance(SmallModel.logits(safe.unprotected()), kept)).isLessThan(0.02);
    assertThat(distance(SmallModel.logits(model), kept)).isLessThan(0.3);
    if (format != Format.PERMUTED && format != Format.HALF_STEP) {
      assertThat(SmallModel.logits(safe.unprotected())).isEqualTo(kept);
    }
    ProtectedModel copy = ProtectedModel.protect(model, only(format, Reading.WORKING_COPY));
    assertThat(SmallModel.logits(copy.model())).isEqualTo(kept);
  }

  @ParameterizedTest
  @EnumSource(Reading.class)
  void faultsAreUndoneInTheMemoryThatProductsRead(Reading reading) throws IOException {
    ProtectedModel safe =
        ProtectedModel.protect(SmallModel.int8(source), only(Format.INT7, reading));
    float[] before = SmallModel.logits(safe.model());
    Map<String, Long> weights = new LinkedHashMap<>(safe.bits());
    weights.keySet().removeIf(name -> !name.endsWith("proj.weight")); // others are never copied
    FaultList faults = FaultList.draw(new FaultModel.ExactCount(1e-4), weights, Key.of(3));
    assertThat(faults.faults().size()).isGreaterThan(40);
    Injection.into(safe.words(), faults);
    boolean inKernel = reading == Reading.IN_KERNEL;
    assertThat(distance(before, SmallModel.logits(safe.model())) > 0).isEqualTo(inKernel);
    Repairs repairs = safe.refresh();
    assertThat(repairs.corrected()).isGreaterThan(40);
    assertThat(repairs.detected()).isLessThan(3);
    assertThat(safe.scrub().isClean()).isTrue();
    double after = distance(before, SmallModel.logits(safe.model()));
    assertThat(after).isLessThan(repairs.detected() == 0 ? 1e-12 : 0.05);
  }

  @Test
  void generationRefreshesEverySoManyTokens() throws IOException {
    ProtectedModel safe =
        ProtectedModel.protect(
            SmallModel.int8(source), ProtectionOptions.zeroSpace(Reading.WORKING_COPY));
    Generation settings = new Generation(48, Generation.greedy(48).sampling(), 0, true);
    try (Generator g = new Generator(safe.model())) {
      List<Generated> plain = g.generate(List.of(new int[] {5, 6}), settings);
      FaultList faults = FaultList.draw(new FaultModel.ExactCount(1e-5), safe.bits(), Key.of(3));
      Injection.into(safe.words(), faults);
      List<Generated> guarded =
          g.generate(
              List.of(new int[] {5, 6}), settings, safe.refreshingEvery(16, (s, ids) -> true));
      assertThat(guarded.get(0).ids()).isEqualTo(plain.get(0).ids());
    }
    assertThat(safe.scrub().isClean()).isTrue();
    assertThatThrownBy(() -> safe.refreshingEvery(0, (s, ids) -> true))
        .hasMessage("a refresh every 0 tokens; give 1 or more");
  }

  @Test
  void foldersKeepAModelAndItsCodesRepairThem() throws IOException {
    ProtectedModel safe =
        ProtectedModel.protect(
            SmallModel.int8(source), ProtectionOptions.zeroSpace(Reading.IN_KERNEL));
    Path kept = folder.resolve("kept");
    ProtectedFolder.at(kept).save(safe);
    ProtectedFolder.Loaded loaded =
        ProtectedFolder.at(kept).load(Reading.IN_KERNEL, Doubles.POSTERIOR_MEAN);
    assertThat(loaded.checked().bad()).isEmpty();
    assertThat(SmallModel.logits(loaded.model().model()))
        .isEqualTo(SmallModel.logits(safe.model()));
    assertThat(loaded.model().formats()).isEqualTo(safe.formats());

    byte[] weights = new byte[96];
    safe.memory().get(0).words().bytes().get(weights);
    Path file = kept.resolve(ProtectedFolder.FILE);
    byte[] bytes = Files.readAllBytes(file);
    int at = find(bytes, weights);
    bytes[at + 3] ^= 4;
    Files.write(file, bytes);
    ProtectedFolder.Loaded repaired =
        ProtectedFolder.at(kept).load(Reading.IN_KERNEL, Doubles.RAISE);
    assertThat(repaired.checked().bad())
        .containsExactly(new ProtectedFolder.BadBlock(safe.memory().get(0).name(), 0));
    assertThat(repaired.checked().left()).isEmpty();
    assertThat(SmallModel.logits(repaired.model().model()))
        .isEqualTo(SmallModel.logits(safe.model()));

    bytes[at + 3] ^= 2;
    Files.write(file, bytes);
    assertThatThrownBy(() -> ProtectedFolder.at(kept).load(Reading.IN_KERNEL, Doubles.RAISE))
        .isInstanceOf(UncorrectableException.class)
        .hasMessageContaining("word 0 of " + safe.memory().get(0).name());
    assertThat(ProtectedFolder.at(kept).load(Reading.IN_KERNEL, Doubles.ZERO).checked().left())
        .hasSize(1);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 100));
    assertThatThrownBy(() -> ProtectedFolder.at(kept).load(Reading.IN_KERNEL, Doubles.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(ProtectedFolder.FILE);
  }

  private static int find(byte[] in, byte[] what) {
    for (int at = 0; at + what.length <= in.length; at++) {
      if (ByteBuffer.wrap(in, at, what.length).equals(ByteBuffer.wrap(what))) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> only(Format.FLAGGED, Reading.IN_KERNEL))
        .hasMessage("FLAGGED cannot be read in kernels; leave it out, or read from a working copy");
    assertThatThrownBy(() -> new ProtectionOptions(List.of(), Reading.IN_KERNEL, Doubles.KEEP))
        .hasMessageContaining("no format");
    assertThat(ProtectionOptions.zeroSpace(Reading.IN_KERNEL).formats())
        .doesNotContain(Format.FLAGGED, Format.BESIDE);
  }
}
