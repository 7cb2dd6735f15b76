package ai.kindred.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.core.workers.Workers;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.algorithm.FedNova;
import ai.kindred.federated.algorithm.FedProx;
import ai.kindred.federated.algorithm.MimeLite;
import ai.kindred.federated.algorithm.Scaffold;
import ai.kindred.federated.server.ServerOptimizer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What federated algorithms must give where a closed form or a plain loop says so. */
class ExactnessTest {

  private static final double RATE = 0.05;
  private static final LocalSgd<Minibatch<Quadratics.Example>> LOCAL =
      new LocalSgd<>(Quadratics.objective(), RATE);

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

  private static double[][] draw(String what, int n, double from, double to) {
    SplittableRandom random = Key.of(7).fold(what).random();
    double[][] all = new double[n][Quadratics.SIZE];
    for (double[] row : all) {
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) (from + (to - from) * random.nextDouble());
      }
    }
    return all;
  }

  private <S> float[] run(
      Algorithm<Minibatch<Quadratics.Example>, S> algorithm,
      ClientData<Quadratics.Example> data,
      SimulationConfig config,
      Collecting collecting,
      Workers on) {
    return Simulation.of(algorithm, data, Sampling.uniform(data.partition().clients()), config)
        .collecting(collecting)
        .run(Quadratics.at(0.3f, -1, 2), on)
        .get("x")
        .toFloats();
  }

  private static SimulationConfig config(long rounds, LocalTraining training, boolean stackable) {
    return new SimulationConfig(rounds, 3, training, 0, 0, 1, stackable);
  }

  @Test
  void oneClientIsPlainDescent() {
    double[][] h = draw("h", 6, 0.5, 2);
    double[][] a = draw("a", 6, -1, 1);
    ClientData<Quadratics.Example> data =
        new ClientData<>(Quadratics.examples(h, a), Quadratics.inOrder(6));
    LocalTraining inOrder = new LocalTraining(2, 1, 0, false, false);
    float[] got =
        run(
            new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
            data,
            config(4, inOrder, true),
            Collecting.MEAN,
            workers);
    double[] x = {0.3f, -1, 2};
    for (int round = 0; round < 4; round++) {
      for (int b = 0; b < 3; b++) {
        for (int j = 0; j < 3; j++) {
          double g = 0;
          for (int i = 2 * b; i < 2 * b + 2; i++) {
            g += h[i][j] * (x[j] - a[i][j]) / 2;
          }
          x[j] -= RATE * g;
        }
      }
    }
    assertThat(got)
        .containsExactly(new float[] {(float) x[0], (float) x[1], (float) x[2]}, within(2e-6f));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allClientsInOneStepAreTheCentralStep(boolean stackable) {
    double[][] h = draw("h", 10, 0.5, 2);
    double[][] a = draw("a", 10, -1, 1);
    Quadratics.Example pool = Quadratics.examples(h, a);
    ClientData<Quadratics.Example> data = new ClientData<>(pool, Quadratics.inOrder(1, 4, 2, 3));
    float[] got =
        run(
            new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
            data,
            config(1, LocalTraining.epochs(1, 100), stackable),
            Collecting.MEAN,
            workers);
    Params start = Quadratics.at(0.3f, -1, 2);
    Minibatch<Quadratics.Example> all = Minibatch.whole(pool, 10);
    Params central =
        start.add(
            Grad.of(p -> Quadratics.objective().loss(p, all, Tensor.of(Key.of(1))), start).grads(),
            -RATE);
    assertThat(got).containsExactly(central.get("x").toFloats(), within(1e-6f));
  }

  @Test
  void sideBySideIsOneByOneWhateverTheSizes() {
    int[] sizes = {7, 1, 12, 3, 3, 30, 8, 1};
    int n = 65;
    ClientData<Quadratics.Example> data =
        new ClientData<>(
            Quadratics.examples(draw("h", n, 0.5, 2), draw("a", n, -1, 1)),
            Quadratics.inOrder(sizes));
    LocalTraining training = LocalTraining.epochs(2, 4);
    for (Algorithm<Minibatch<Quadratics.Example>, ?> algorithm : algorithms()) {
      float[] stacked = run(algorithm, data, config(3, training, true), Collecting.MEAN, workers);
      float[] singly = run(algorithm, data, config(3, training, false), Collecting.MEAN, workers);
      assertThat(stacked).as(algorithm.toString()).containsExactly(singly, within(2e-5f));
    }
  }

  private static List<Algorithm<Minibatch<Quadratics.Example>, ?>> algorithms() {
    return List.of(
        new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
        new FedProx<>(LOCAL, ServerOptimizer.sgd(1), 0.3),
        new Scaffold<>(LOCAL, 1),
        new FedNova<>(LOCAL, ServerOptimizer.sgd(1)),
        new MimeLite<>(LOCAL, 0.5));
  }

  @Test
  void threadsChangeNothing() {
    ClientData<Quadratics.Example> data =
        new ClientData<>(
            Quadratics.examples(draw("h", 120, 0.5, 2), draw("a", 120, -1, 1)),
            Quadratics.inOrder(new int[] {40, 10, 20, 10, 40}));
    try (ThreadWorkers one = new ThreadWorkers(1)) {
      for (boolean stackable : new boolean[] {true, false}) {
        SimulationConfig config = config(3, LocalTraining.epochs(1, 4), stackable);
        Algorithm<Minibatch<Quadratics.Example>, ?> algorithm = new Scaffold<>(LOCAL, 1);
        assertThat(run(algorithm, data, config, Collecting.MEAN, workers))
            .isEqualTo(run(algorithm, data, config, Collecting.MEAN, one));
      }
    }
  }

  /** Two clients whose optima and curvatures differ: averaging many steps stops elsewhere. */
  private ClientData<Quadratics.Example> disagreeing() {
    return new ClientData<>(
        Quadratics.examples(
            new double[][] {{1, 1, 1}, {4, 2, 1}}, new double[][] {{1, 1, 1}, {-1, 0, 2}}),
        Quadratics.inOrder(1, 1));
  }

  @Test
  void scaffoldFindsTheOptimumThatAveragingMisses() {
    float[] optimum = {(1 - 4) / 5f, 1 / 3f, 1.5f};
    SimulationConfig config = config(400, LocalTraining.steps(8, 1), true);
    float[] scaffold =
        run(new Scaffold<>(LOCAL, 1), disagreeing(), config, Collecting.MEAN, workers);
    assertThat(scaffold).containsExactly(optimum, within(1e-4f));
    float[] averaged =
        run(
            new FedAvg<>(LOCAL, ServerOptimizer.sgd(1)),
            disagreeing(),
            config,
            Collecting.MEAN,
            workers);
    double one = 1 - Math.pow(1 - RATE, 8);
    double four = 1 - Math.pow(1 - 4 * RATE, 8);
    assertThat(averaged[0]).isCloseTo((float) ((one - four) / (one + four)), within(1e-4f));
  }

  @Test
  void fedProxStopsWhereItsClosedFormSays() {
    double mu = 0.7;
    float[] got =
        run(
            new FedProx<>(LOCAL, ServerOptimizer.sgd(1), mu),
            disagreeing(),
            config(600, LocalTraining.steps(5, 1), true),
            Collecting.MEAN,
            workers);
    // A client goes to its own optimum (h a + mu x) / (h + mu) by 1 - (1 - rate (h + mu))^5.
    double one = (1 - Math.pow(1 - RATE * (1 + mu), 5)) / (1 + mu);
    double four = 4 * (1 - Math.pow(1 - RATE * (4 + mu), 5)) / (4 + mu);
    assertThat(got[0]).isCloseTo((float) ((one - four) / (one + four)), within(1e-4f));
  }

  @Test
  void fedNovaIsNotPulledByClientsThatStepMore() {
    // Equal curvatures, one client with four times the steps: averaging leans to it.
    ClientData<Quadratics.Example> data =
        new ClientData<>(
            Quadratics.examples(
                new double[][] {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
                new double[][] {{1, 1, 1}, {-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}}),
            Quadratics.inOrder(1, 4));
    LocalSgd<Minibatch<Quadratics.Example>> small = new LocalSgd<>(Quadratics.objective(), 1e-3);
    SimulationConfig config = config(4000, LocalTraining.epochs(1, 1), true);
    Collecting uniform = Collecting.MEAN.weighted(Weighting.UNIFORM);
    float nova =
        run(new FedNova<>(small, ServerOptimizer.sgd(1)), data, config, uniform, workers)[0];
    float average =
        run(new FedAvg<>(small, ServerOptimizer.sgd(1)), data, config, uniform, workers)[0];
    assertThat(nova).isCloseTo(0, within(0.01f));
    assertThat(average).isCloseTo(-0.6f, within(0.01f));
  }

  @Test
  void mimeStepsAreMomentumSteps() {
    double[][] h = draw("h", 2, 0.5, 2);
    double[][] a = draw("a", 2, -1, 1);
    ClientData<Quadratics.Example> data =
        new ClientData<>(Quadratics.examples(h, a), Quadratics.inOrder(1, 1));
    double beta = 0.6;
    float[] got =
        run(
            new MimeLite<>(LOCAL, beta),
            data,
            config(3, LocalTraining.steps(2, 1), true),
            Collecting.MEAN,
            workers);
    double x = 0.3f;
    double m = 0;
    for (int round = 0; round < 3; round++) {
      double change = 0;
      double gradient = 0;
      for (int c = 0; c < 2; c++) {
        double y = x;
        for (int s = 0; s < 2; s++) {
          y -= RATE * ((1 - beta) * h[c][0] * (y - a[c][0]) + beta * m);
        }
        change += (y - x) / 2;
        gradient += h[c][0] * (x - a[c][0]) / 2;
      }
      x += change;
      m = beta * m + (1 - beta) * gradient;
    }
    assertThat(got[0]).isCloseTo((float) x, within(2e-6f));
  }
}
