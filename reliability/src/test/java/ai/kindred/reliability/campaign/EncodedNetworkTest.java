package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.ProtectedTensor;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fault.FaultList;
import ai.kindred.reliability.fault.FaultModel;
import ai.kindred.reliability.fault.Injection;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EncodedNetworkTest {

  /** Weights alone; nothing to measure. */
  record Weights(Map<String, float[]> byName, int perScale) implements Target {

    @Override
    public Measure measure() {
      return Measure.ACCURACY;
    }

    @Override
    public List<Matrix> matrices() {
      return byName.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .map(
              e -> {
                int size = e.getValue().length;
                return new Matrix(e.getKey(), size, perScale == 0 ? size : perScale, 0);
              })
          .toList();
    }

    @Override
    public float[] weights(String matrix) {
      float[] found = byName.get(matrix);
      if (found == null) {
        throw new IllegalArgumentException(matrix);
      }
      return found.clone();
    }

    @Override
    public double evaluate(WeightSource weights) {
      return 0;
    }
  }

  static float[] drawn(String name, int size) {
    SplittableRandom random = Key.of(3).fold(name).random();
    float[] w = new float[size];
    for (int i = 0; i < size; i++) {
      w[i] = (float) (Math.log(random.nextDouble()) * (random.nextBoolean() ? 1 : -1));
    }
    return w;
  }

  static Stream<Strategy> all() {
    return Strategy.names().stream().flatMap(n -> Strategy.named(n).stream());
  }

  static Stream<Strategy> allAndMeans() {
    return Stream.concat(
        all(), Strategy.named("qatt-mean,int7-56-mean,secded-72-mean,flagged-mean").stream());
  }

  @ParameterizedTest
  @MethodSource("allAndMeans")
  void strikingWhatIsHitIsDecodingEverything(Strategy strategy) {
    Target target = new Weights(Map.of("a", drawn("a", 4000), "b", drawn("b", 160)), 40);
    EncodedNetwork network = new EncodedNetwork(target, strategy);
    FaultList faults = FaultList.draw(new FaultModel.ExactCount(4e-3), network.bits(), Key.of(9));
    EncodedNetwork.Struck struck = network.strike(faults);
    Repairs found = Repairs.NONE;
    for (Matrix m : target.matrices()) {
      Form.Stored stored = strategy.form().store(target.weights(m.name()), m);
      ProtectedTensor memory =
          ProtectedTensor.encode(m.name(), ByteBuffer.wrap(stored.bytes()), strategy.code());
      Words plain = Words.allocate(memory.bytes(), 0);
      FaultList own =
          new FaultList(faults.faults().stream().filter(f -> f.tensor().equals(m.name())).toList());
      try (Injection in = Injection.into(Map.of(m.name(), memory.words()), own)) {
        found =
            found.plus(
                strategy.code().decode(memory.words(), plain, memory.handler(strategy.doubles())));
        assertThat(in.wrong()).isLessThanOrEqualTo(own.faults().size());
      }
      byte[] bytes = new byte[memory.bytes()];
      plain.bytes().get(bytes);
      assertThat(struck.weights().weights(m.name())).isEqualTo(stored.read(bytes));
      assertThat(network.weights(m.name())).isEqualTo(stored.read(stored.bytes()));
    }
    assertThat(struck.flipped()).isEqualTo(faults.faults().size()).isGreaterThan(60);
    assertThat(struck.detected()).isEqualTo(found.detected());
    assertThat(struck.corrected()).isLessThanOrEqualTo(found.corrected());
  }

  @Test
  void doublesComeAsOftenAsTheyShould() {
    Target target = new Weights(Map.of("w", drawn("w", 1 << 21)), 0);
    Strategy strategy = Strategy.named("int7-57").get(0);
    EncodedNetwork network = new EncodedNetwork(target, strategy);
    double p = 1e-3;
    EncodedNetwork.Struck struck =
        network.strike(FaultList.draw(new FaultModel.Bernoulli(p), network.bits(), Key.of(2)));
    double words = (1 << 21) / 8.0;
    double none = Math.pow(1 - p, 64);
    double one = 64 * p * Math.pow(1 - p, 63);
    double two = 2016 * p * p * Math.pow(1 - p, 62);
    assertThat(struck.corrected()).isBetween(at(words, one, -3), at(words, one, 3));
    assertThat(struck.detected() + struck.silent())
        .isBetween(at(words, 1 - none - one, -3), at(words, 1 - none - one, 3));
    // Pairs are all seen; triples, about a fiftieth of them, are all taken for singles.
    double triples = 41664 * p * p * p * Math.pow(1 - p, 61);
    assertThat((double) struck.silent()).isBetween(0.7 * words * triples, 1.3 * words * triples);
    assertThat(two).isGreaterThan(40 * triples);
  }

  /** So many standard deviations from the mean of a binomial count. */
  private static long at(double words, double share, int sigmas) {
    return Math.round(words * share + sigmas * Math.sqrt(words * share * (1 - share)));
  }

  @Test
  void whatCannotBeKeptSoIsTold() {
    Target whole = new Weights(Map.of("w", drawn("w", 64)), 0);
    assertThatThrownBy(() -> new EncodedNetwork(whole, Strategy.named("permuted").get(0)))
        .hasMessageContaining("w has one scale in all");
    Target rows = new Weights(Map.of("w", drawn("w", 60)), 12);
    assertThatThrownBy(() -> new EncodedNetwork(rows, Strategy.named("none").get(0)))
        .hasMessageContaining("rows of 12");
    assertThatThrownBy(() -> new EncodedNetwork(whole, Strategy.named("none").get(0)).weights("x"))
        .hasMessage("no matrix is called x");
  }
}
