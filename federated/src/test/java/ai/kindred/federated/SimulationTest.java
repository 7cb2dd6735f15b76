package ai.kindred.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.TrainingException;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.algorithm.Scaffold;
import ai.kindred.federated.server.RobustMerge;
import ai.kindred.federated.server.ServerOptimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {

  private static final LocalSgd<Minibatch<Quadratics.Example>> LOCAL =
      new LocalSgd<>(Quadratics.objective(), 0.1);

  @TempDir private Path folder;
  private final ThreadWorkers workers = new ThreadWorkers(2);
  private Scope scope = Scope.open();
  private int before;

  @BeforeEach
  void open() {
    scope.close();
    before = Scope.live();
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    workers.close();
    assertThat(Scope.live()).isEqualTo(before);
    scope = Scope.open();
  }

  /** Clients of one example each, with optimum c in client c's first number. */
  private static ClientData<Quadratics.Example> clients(int n) {
    double[][] h = new double[n][3];
    double[][] a = new double[n][3];
    int[] sizes = new int[n];
    for (int c = 0; c < n; c++) {
      h[c] = new double[] {1, 1, 1};
      a[c] = new double[] {c, 1, -1};
      sizes[c] = 1;
    }
    return new ClientData<>(Quadratics.examples(h, a), Quadratics.inOrder(sizes));
  }

  private static SimulationConfig config(long rounds) {
    return new SimulationConfig(rounds, 5, LocalTraining.steps(2, 1), 3, 2, 2, true);
  }

  private <S> Simulation<Quadratics.Example, S> simulation(
      Algorithm<Minibatch<Quadratics.Example>, S> algorithm, long rounds) {
    return Simulation.of(algorithm, clients(9), Sampling.uniform(4), config(rounds));
  }

  private <S> float[] x(Simulation<Quadratics.Example, S> simulation) {
    return simulation.run(Quadratics.at(0, 0, 0), workers).get("x").toFloats();
  }

  @Test
  void aStoppedRunGoesOnToTheSameBits() {
    for (Algorithm<Minibatch<Quadratics.Example>, ?> algorithm :
        List.<Algorithm<Minibatch<Quadratics.Example>, ?>>of(
            new Scaffold<>(LOCAL, 1), new FedAvg<>(LOCAL, new ServerOptimizer.Adam(0.1)))) {
      float[] whole = x(simulation(algorithm, 12));
      Path to = folder.resolve(algorithm.getClass().getSimpleName());
      Simulation<Quadratics.Example, ?> saved = simulation(algorithm, 12).savedTo(to, Map.of());
      x(saved.observedBy(e -> e.step() == 7 ? Signal.STOP : Signal.CONTINUE));
      List<Event> seen = new ArrayList<>();
      float[] resumed =
          x(
              saved.observedBy(
                  e -> {
                    seen.add(e);
                    return Signal.CONTINUE;
                  }));
      assertThat(resumed).isEqualTo(whole);
      assertThat(seen.get(0).step()).isEqualTo(8);
    }
  }

  @Test
  void aRunIsNotResumedWithOtherSettings() {
    FedAvg<Minibatch<Quadratics.Example>> algorithm = new FedAvg<>(LOCAL, ServerOptimizer.sgd(1));
    x(simulation(algorithm, 2).savedTo(folder, Map.of("algorithm", "fedavg")));
    assertThatThrownBy(
            () -> x(simulation(algorithm, 4).savedTo(folder, Map.of("algorithm", "fedprox"))))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("algorithm is \"fedavg\" there and \"fedprox\" here");
    assertThatThrownBy(
            () -> x(simulation(algorithm, 1).savedTo(folder, Map.of("algorithm", "fedavg"))))
        .hasMessageContaining("is at round 2, past the 1 rounds asked for");
  }

  @Test
  void everyRoundIsTold() {
    List<Event> events = new ArrayList<>();
    x(
        simulation(new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)), 4)
            .evaluatedBy(model -> Map.of("first", model.get("x").toDoubles()[0]))
            .observedBy(
                e -> {
                  events.add(e);
                  return Signal.CONTINUE;
                }));
    assertThat(events)
        .extracting(Event::kind)
        .containsExactly("round", "round", "round", "eval", "round", "eval");
    Event round = events.get(0);
    assertThat(round.number("answered")).isEqualTo(4);
    assertThat(round.number("bytes_up")).isEqualTo(4 * 3 * 4);
    assertThat(round.number("bytes_down")).isEqualTo(4 * 3 * 4);
    assertThat(round.number("loss")).isPositive();
    assertThat(events.get(5).hasNumber("first")).isTrue();
  }

  @Test
  void answersThatAreNotFiniteAreRefusedAndCounted() {
    double[][] h = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    double[][] a = {{1, 1, 1}, {Double.NaN, 1, 1}, {3, 1, 1}};
    for (boolean stackable : new boolean[] {true, false}) {
      ClientData<Quadratics.Example> data =
          new ClientData<>(Quadratics.examples(h, a), Quadratics.inOrder(1, 1, 1));
      List<Event> events = new ArrayList<>();
      float[] got =
          x(
              Simulation.of(
                      new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                      data,
                      Sampling.uniform(3),
                      new SimulationConfig(1, 1, LocalTraining.steps(1, 1), 0, 0, 1, stackable))
                  .observedBy(
                      e -> {
                        events.add(e);
                        return Signal.CONTINUE;
                      }));
      assertThat(got[0]).isCloseTo(0.2f, within(1e-6f));
      assertThat(events.get(0).number("refused")).isEqualTo(1);
      assertThat(events.get(0).number("answered")).isEqualTo(2);
    }
  }

  @Test
  void aRoundWithoutAnAnswerSaysWhy() {
    double nan = Double.NaN;
    ClientData<Quadratics.Example> data =
        new ClientData<>(
            Quadratics.examples(
                new double[][] {{1, 1, 1}, {1, 1, 1}}, new double[][] {{nan, 0, 0}, {nan, 0, 0}}),
            Quadratics.inOrder(1, 0, 1));
    assertThatThrownBy(
            () ->
                x(
                    Simulation.of(
                        new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                        data,
                        Sampling.uniform(3),
                        config(1))))
        .isInstanceOf(NoAnswerException.class)
        .hasMessageContaining("round 0: none of 3 clients gave a usable answer")
        .hasMessageContaining("1 without examples, 2 whose answer was not finite");
  }

  @Test
  void aClientWhoseDataCannotBeReadIsLeftOut() {
    Partition broken =
        new Partition() {
          @Override
          public int clients() {
            return 3;
          }

          @Override
          public int size(int client) {
            return 1;
          }

          @Override
          public int row(int client, int place) {
            return client == 1 ? 99 : client;
          }
        };
    ClientData<Quadratics.Example> data = new ClientData<>(clients(3).pool(), broken);
    List<Event> events = new ArrayList<>();
    float[] got =
        x(
            Simulation.of(
                    new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                    data,
                    Sampling.uniform(3),
                    new SimulationConfig(1, 1, LocalTraining.steps(1, 1), 0, 0, 1, true))
                .observedBy(
                    e -> {
                      events.add(e);
                      return Signal.CONTINUE;
                    }));
    assertThat(got[0]).isCloseTo(0.1f, within(1e-6f));
    assertThat(events.get(0).number("failed")).isEqualTo(1);
  }

  @Test
  void longAnswersAreShortened() {
    // One step of rate 0.1 from 0: client c moves by (c / 10, 0.1, -0.1).
    float[] got =
        x(
            Simulation.of(
                    new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                    clients(4),
                    Sampling.uniform(4),
                    new SimulationConfig(1, 1, LocalTraining.steps(1, 1), 0, 0, 1, true))
                .collecting(Collecting.MEAN.clipped(0.2)));
    double sum = 0;
    for (int c = 0; c < 4; c++) {
      double norm = Math.sqrt(c * c / 100.0 + 0.02);
      sum += c / 10.0 * Math.min(1, 0.2 / norm);
    }
    assertThat(got[0]).isCloseTo((float) (sum / 4), within(1e-6f));
  }

  @Test
  void theMedianIgnoresOneWildClient() {
    double[][] a = {{1, 1, 1}, {2, 1, 1}, {1e6, 1, 1}};
    double[][] h = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    float[] got =
        x(
            Simulation.of(
                    new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                    new ClientData<>(Quadratics.examples(h, a), Quadratics.inOrder(1, 1, 1)),
                    Sampling.uniform(3),
                    new SimulationConfig(1, 1, LocalTraining.steps(1, 1), 0, 0, 1, true))
                .collecting(Collecting.MEAN.merged(new RobustMerge.Median())));
    assertThat(got[0]).isCloseTo(0.2f, within(1e-6f));
  }

  @Test
  void noiseHasItsDeviationAndIsTheSameForTheSameSeed() {
    Collecting noisy = Collecting.MEAN.privately(1, 2, 4);
    float[] one = x(simulation(new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)), 1).collecting(noisy));
    float[] again = x(simulation(new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)), 1).collecting(noisy));
    assertThat(one).isEqualTo(again);
    double squares = 0;
    int rounds = 300;
    LocalSgd<Minibatch<Quadratics.Example>> still =
        new LocalSgd<>((p, b, k) -> p.get("x").sub(p.get("x").detach()).sum(), 1e-9);
    List<float[]> models = new ArrayList<>();
    Simulation.of(
            new FedAvg<>(still, ServerOptimizer.sgd(1)),
            clients(4),
            Sampling.uniform(4),
            new SimulationConfig(rounds, 1, LocalTraining.steps(1, 1), 1, 0, 1, true))
        .collecting(noisy)
        .evaluatedBy(
            model -> {
              models.add(model.get("x").toFloats());
              return Map.of();
            })
        .run(Quadratics.at(0, 0, 0), workers);
    float[] last = new float[3];
    for (float[] m : models) {
      for (int j = 0; j < 3; j++) {
        squares += Math.pow(m[j] - last[j], 2);
      }
      last = m;
    }
    double deviation = Math.sqrt(squares / (3 * rounds));
    assertThat(deviation).isCloseTo(0.5, within(4 * 0.5 / Math.sqrt(2 * 3 * rounds)));
  }

  @Test
  void settingsThatDoNotGoTogetherAreRefused() {
    assertThatThrownBy(() -> Collecting.MEAN.clipped(0))
        .hasMessage("a clipping norm is positive, not 0.0");
    assertThatThrownBy(() -> new Collecting(Weighting.EXAMPLES, 1, 1, 10, null, null))
        .hasMessageContaining("give uniform weighting");
    assertThatThrownBy(() -> Collecting.MEAN.privately(Double.POSITIVE_INFINITY, 1, 10))
        .hasMessageContaining("needs a clipping norm");
    Compression none = (answer, random) -> new Compression.Sent(answer, answer.length);
    assertThatThrownBy(() -> Collecting.MEAN.compressed(none).privately(1, 1, 10))
        .hasMessageContaining("what compression restores may be longer");
    assertThatThrownBy(() -> new LocalTraining(0, 1, 0, false, true))
        .hasMessageContaining("batch 0");
    assertThatThrownBy(() -> new LocalSgd<>(Quadratics.objective(), -1))
        .hasMessageContaining("not -1.0");
    assertThatThrownBy(
            () ->
                new ClientData<>(
                    new Quadratics.Example(
                        Tensor.zeros(DType.FLOAT32, 2, 3), Tensor.zeros(DType.FLOAT32, 3, 3)),
                    Quadratics.inOrder(2)))
        .hasMessageContaining("differ in their number of examples");
  }

  @Test
  void serversOwnWorkGoesOnMeanwhile() {
    Algorithm<Minibatch<Quadratics.Example>, ServerOptimizer.State> inner =
        new FedAvg<>(LOCAL, ServerOptimizer.sgd(1));
    Algorithm<Minibatch<Quadratics.Example>, ServerOptimizer.State> both =
        new Algorithm<>() {
          @Override
          public ServerOptimizer.State start(Params initial) {
            return inner.start(initial);
          }

          @Override
          public ServerOptimizer.State round(
              ServerOptimizer.State state, Cohort<Minibatch<Quadratics.Example>> cohort) {
            var central = cohort.meanwhile(() -> state.x().mul(0.5).add(Quadratics.at(1, 1, 1)));
            ServerOptimizer.State next = inner.round(state, cohort);
            return new ServerOptimizer.State(
                next.x().add(central.get()), next.slots(), next.steps());
          }

          @Override
          public Params model(ServerOptimizer.State state) {
            return state.x();
          }
        };
    float[] with = x(simulation(both, 1));
    float[] without = x(simulation(inner, 1));
    assertThat(with[0] - without[0]).isCloseTo(1, within(1e-6f));
  }

  @Test
  void theFirstAnswersEndARoundOnTheVirtualClock() {
    Devices byNumber =
        new Devices() {
          @Override
          public boolean available(int client, double clock, Key key) {
            return client != 0;
          }

          @Override
          public double seconds(int client, int steps, Key key) {
            return client == 5 ? Double.POSITIVE_INFINITY : client * steps;
          }
        };
    List<Event> events = new ArrayList<>();
    Simulation<Quadratics.Example, ServerOptimizer.State> all =
        Simulation.of(
                new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
                clients(6),
                Sampling.uniform(6),
                new SimulationConfig(2, 1, LocalTraining.steps(2, 1), 0, 0, 1, true))
            .observedBy(
                e -> {
                  events.add(e);
                  return Signal.CONTINUE;
                });
    x(all.on(byNumber, new Quorum(2, Double.POSITIVE_INFINITY)));
    // Clients 1 and 2 are the first of 1 to 4, after 2 and 4 seconds; 3 and 4 are late, 5 is lost.
    assertThat(events.get(0).number("answered")).isEqualTo(2);
    assertThat(events.get(0).number("absent")).isEqualTo(1);
    assertThat(events.get(0).number("late")).isEqualTo(3);
    assertThat(events.get(1).number("clock")).isEqualTo(8);
    events.clear();
    x(all.on(byNumber, new Quorum(10, 7)));
    assertThat(events.get(0).number("answered")).isEqualTo(3);
    assertThat(events.get(1).number("clock")).isEqualTo(14);
    assertThatThrownBy(() -> x(all.on(byNumber, new Quorum(10, 1))))
        .isInstanceOf(NoAnswerException.class);
  }

  @Test
  void devicesKeepTheirSpeedAndTheirRates() {
    Devices devices = new Devices.LogNormal(0.75, 0.2, 2, 0.5, 9);
    int there = 0;
    int lost = 0;
    double logs = 0;
    int n = 4000;
    for (int c = 0; c < n; c++) {
      Key key = Key.of(3).fold(c);
      there += devices.available(c, 0, key) ? 1 : 0;
      double seconds = devices.seconds(c, 5, key);
      if (seconds == Double.POSITIVE_INFINITY) {
        lost++;
      } else {
        logs += Math.log(seconds / 10);
        double again = devices.seconds(c, 10, Key.of(4).fold(c));
        assertThat(again == Double.POSITIVE_INFINITY || Math.abs(again - 2 * seconds) < 1e-9)
            .isTrue();
      }
    }
    assertThat(there / (double) n).isCloseTo(0.75, within(0.03));
    assertThat(lost / (double) n).isCloseTo(0.2, within(0.03));
    assertThat(logs / (n - lost)).isCloseTo(0, within(0.04));
    assertThatThrownBy(() -> new Devices.LogNormal(0, 0, 1, 0, 1)).hasMessageContaining("not 0.0");
    assertThatThrownBy(() -> new Quorum(0, 1)).hasMessageContaining("not 0 within 1.0");
  }
}
