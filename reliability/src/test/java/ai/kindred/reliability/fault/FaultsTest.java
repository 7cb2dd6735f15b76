package ai.kindred.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fault.Fault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {

  private static final Map<String, Long> BITS = Map.of("a", 640_000L, "b", 64_000L, "none", 0L);

  private static List<Fault> in(FaultList faults, String tensor) {
    return faults.byTensor().getOrDefault(tensor, List.of());
  }

  private static FaultList draw(FaultModel model, long seed) {
    return FaultList.draw(model, BITS, Key.of(seed));
  }

  @Test
  void countsAreExactAndReplayable() {
    FaultList faults = draw(new FaultModel.ExactCount(1e-3), 1);
    assertThat(faults.faults()).hasSize(704).doesNotHaveDuplicates();
    assertThat(draw(new FaultModel.ExactCount(1e-3), 1)).isEqualTo(faults);
    assertThat(draw(new FaultModel.ExactCount(1e-3), 2)).isNotEqualTo(faults);
    // 640 expected of 704, standard deviation below 8.
    assertThat(in(faults, "a").size()).isBetween(608, 672);
    assertThat(faults.faults()).allMatch(f -> f.bit() < BITS.getOrDefault(f.tensor(), 0L));
  }

  @Test
  void eachBitOnItsOwnIsBinomial() {
    double[] counts =
        IntStream.range(0, 200)
            .mapToDouble(i -> draw(new FaultModel.Bernoulli(1e-3), i).faults().size())
            .toArray();
    double mean = IntStream.range(0, 200).mapToDouble(i -> counts[i]).average().orElseThrow();
    double variance =
        IntStream.range(0, 200).mapToDouble(i -> Math.pow(counts[i] - mean, 2)).sum() / 199;
    assertThat(mean).isBetween(704 - 6.0, 704 + 6.0); // deviation 26.5 / sqrt(200) = 1.9
    assertThat(variance).isBetween(703 * 0.65, 703 * 1.4);
    assertThat(draw(new FaultModel.Bernoulli(0), 1).faults()).isEmpty();
  }

  @Test
  void burstsAndRowsAreTogether() {
    FaultList bursts = draw(new FaultModel.Bursts(1e-3, 8), 1);
    assertThat(bursts.faults().size()).isBetween(690, 704);
    Set<Long> bits = new TreeSet<>();
    in(bursts, "a").forEach(f -> bits.add(f.bit()));
    long alone = bits.stream().filter(b -> !bits.contains(b - 1) && !bits.contains(b + 1)).count();
    assertThat(alone).isZero();

    Set<Long> rows = new HashSet<>();
    FaultList inRows = draw(new FaultModel.Rows(0.01, 1000), 1);
    in(inRows, "a").forEach(f -> rows.add(f.bit() / 8000));
    assertThat(rows.size()).isBetween(1, 2);
    assertThat(inRows.faults().size()).isBetween(3700, 8300);
  }

  @Test
  void listsAreWrittenAndRead(@TempDir Path folder) throws IOException {
    FaultList faults = draw(new FaultModel.StuckCells(1e-4), 3);
    assertThat(faults.faults()).extracting(Fault::kind).contains(Kind.STUCK_AT_0, Kind.STUCK_AT_1);
    Path file = folder.resolve("faults.tsv");
    faults.write(file);
    assertThat(FaultList.read(file)).isEqualTo(faults);
    Files.writeString(file, "tensor\tbit\tkind\na\tx\tFLIP\n");
    assertThatThrownBy(() -> FaultList.read(file)).hasMessageContaining("faults.tsv:2: no fault");
    Files.writeString(file, "");
    assertThatThrownBy(() -> FaultList.read(file)).hasMessageContaining("starts with the line");
  }

  @Test
  void memoryIsAsItWasAfterClosingWhateverWasRepaired() {
    Words words = Words.allocate(8000, 0);
    for (int i = 0; i < 8000; i++) {
      words.bytes().put(i, (byte) (i % 100 - 50));
    }
    InPlaceSecded57 code = new InPlaceSecded57();
    code.encode(words);
    byte[] before = new byte[8000];
    words.bytes().get(before);
    Map<String, Words> memory = Map.of("w", words);
    FaultList faults =
        FaultList.draw(new FaultModel.ExactCount(2e-3), Map.of("w", words.bits()), Key.of(4));
    try (Injection in = Injection.into(memory, faults)) {
      assertThat(in.wrong()).isEqualTo(128);
      assertThat(code.repair(words, DamageHandler.KEEP).corrected()).isBetween(90L, 128L);
      assertThat(in.wrong()).isLessThan(50);
    }
    byte[] after = new byte[8000];
    words.bytes().get(after);
    assertThat(after).isEqualTo(before);

    FaultList stuck = new FaultList(List.of(new Fault("w", 70, Kind.STUCK_AT_1)));
    boolean bit = words.isSet(70);
    try (Injection in = Injection.into(memory, stuck)) {
      assertThat(words.isSet(70)).isTrue();
      code.repair(words, DamageHandler.KEEP);
      assertThat(words.isSet(70)).isEqualTo(bit);
      in.holdStuck();
      assertThat(words.isSet(70)).isTrue();
    }
    assertThat(words.isSet(70)).isEqualTo(bit);
  }

  @Test
  void anyTreeCanBeFaultyAndIsNotChangedItself() {
    try (Scope scope = Scope.open()) {
      Tensor half = Tensor.of(new float[] {1, 2, 3, 4}).to(DType.BFLOAT16);
      Params tree = new Params(Map.of("x", Tensor.of(new float[] {1, 2}), "y", half));
      assertThat(FaultyTree.bits(tree)).isEqualTo(Map.of("x", 64L, "y", 64L));
      FaultList faults =
          new FaultList(List.of(new Fault("x", 31, Kind.FLIP), new Fault("y", 15, Kind.FLIP)));
      Params faulty = FaultyTree.with(tree, faults);
      assertThat(faulty.get("x").toFloats()).containsExactly(-1, 2);
      assertThat(faulty.get("y").toFloats()).containsExactly(-1, 2, 3, 4);
      assertThat(tree.get("x").toFloats()).containsExactly(1, 2);
      assertThat(FaultyTree.with(faulty, faults).get("y").toFloats()).containsExactly(1, 2, 3, 4);
      assertThatThrownBy(
              () -> FaultyTree.with(tree, new FaultList(List.of(new Fault("z", 0, Kind.FLIP)))))
          .hasMessage("no tensor is called z");
      assertThatThrownBy(
              () -> FaultyTree.with(tree, new FaultList(List.of(new Fault("x", 64, Kind.FLIP)))))
          .hasMessage("bit 64 of x, which has 64");
      assertThat(scope.size()).isPositive();
    }
  }

  @Test
  void ratesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new FaultModel.ExactCount(1.5))
        .hasMessage("a fault rate of 1.5; it is flipped bits over all bits, 0 to 0.5");
    assertThatThrownBy(() -> new FaultModel.Bernoulli(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new FaultModel.Bursts(0.1, 0)).hasMessageContaining("0 bits");
    assertThatThrownBy(
            () -> Injection.into(Map.of(), new FaultList(List.of(new Fault("w", 1, Kind.FLIP)))))
        .hasMessage("no memory for bit 1 of tensor w");
  }
}
