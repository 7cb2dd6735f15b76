package ai.kindred.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.network.Classification;
import ai.kindred.federated.network.Classifier;
import ai.kindred.federated.network.ConvolutionalNetwork;
import ai.kindred.federated.network.GroupNormResNet;
import ai.kindred.federated.network.Labelled;
import ai.kindred.federated.network.Lstm;
import ai.kindred.federated.network.MultilayerPerceptron;
import ai.kindred.federated.network.NextToken;
import ai.kindred.federated.server.ServerOptimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every network trains side by side as it does one client at a time, and learns. */
class NetworksTest {

  private static final int CLIENTS = 6;

  private final Scope scope = Scope.open();
  private final ThreadWorkers workers = new ThreadWorkers(2);

  @AfterEach
  void close() {
    scope.close();
    workers.close();
  }

  /** Images whose class is the quarter that is bright. */
  private static Labelled quarters(int n) {
    SplittableRandom random = Key.of(4).random();
    float[] pixels = new float[n * 64];
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(4);
      for (int p = 0; p < 64; p++) {
        boolean bright = 2 * (p / 32) + (p % 8) / 4 == labels[i];
        pixels[i * 64 + p] = (float) (random.nextDouble() * 0.6 + (bright ? 0.6 : 0));
      }
    }
    return new Labelled(Tensor.of(pixels, n, 1, 8, 8), Tensor.of(labels, n));
  }

  private static int[] sizes() {
    return new int[] {9, 4, 13, 6, 9, 7};
  }

  private <E> Params run(
      LocalSgd<Minibatch<E>> local, E pool, Params start, long rounds, boolean stackable) {
    return Simulation.of(
            new FedAvg<>(local, ServerOptimizer.sgd(1)),
            new ClientData<>(pool, Quadratics.inOrder(sizes())),
            Sampling.uniform(CLIENTS),
            new SimulationConfig(rounds, 1, LocalTraining.epochs(1, 4), 0, 0, 1, stackable))
        .run(start, workers);
  }

  private static void assertClose(Params one, Params other) {
    one.asMap()
        .forEach(
            (path, t) ->
                assertThat(t.toFloats())
                    .as(path)
                    .containsExactly(other.get(path).toFloats(), within(2e-4f)));
  }

  @Test
  void classifiersLearnAlikeSideBySideAndOneByOne() {
    Labelled pool = quarters(48);
    Key key = Key.of(2);
    List<Classifier> networks = new ArrayList<>();
    networks.add(MultilayerPerceptron.random(key, 64, 4));
    networks.add(MultilayerPerceptron.random(key, 64, 16, 4));
    networks.add(ConvolutionalNetwork.random(key, 1, 8, new long[] {4, 6, 16}, 4));
    networks.add(GroupNormResNet.random(key, 1, 2, new long[] {4, 8}, 4));
    for (Classifier network : networks) {
      Classification<Classifier> task = new Classification<>(network, 1);
      LocalSgd<Minibatch<Labelled>> local = new LocalSgd<>(task.objective(), 0.1);
      Params start = Tree.params(network);
      assertClose(run(local, pool, start, 2, true), run(local, pool, start, 2, false));
      double before = task.accuracy(start, pool);
      double after = task.accuracy(run(local, pool, start, 30, true), pool);
      assertThat(after).as(network.getClass().getSimpleName()).isGreaterThan(0.85);
      assertThat(before).isLessThan(0.7);
    }
  }

  @Test
  void theLstmLearnsToCount() {
    int t = 8;
    long[] tokens = new long[48 * (t + 1)];
    for (int i = 0; i < 48; i++) {
      for (int j = 0; j <= t; j++) {
        tokens[i * (t + 1) + j] = j > 4 + i % 5 ? 0 : 1L + (i + j) % 5;
      }
    }
    NextToken.Windows pool = new NextToken.Windows(Tensor.of(tokens, 48, t + 1));
    Lstm network = Lstm.random(Key.of(3), 6, 8, 12, 2);
    NextToken task = new NextToken(network, 0);
    LocalSgd<Minibatch<NextToken.Windows>> local = new LocalSgd<>(task.objective(), 1);
    Params start = Tree.params(network);
    assertClose(run(local, pool, start, 2, true), run(local, pool, start, 2, false));
    Params trained = run(local, pool, start, 150, true);
    double right = 0;
    double all = 0;
    for (double[] row : task.right(trained, pool, new int[] {0, 7, 21, 40})) {
      right += row[0];
      all += row[1];
    }
    assertThat(all).isEqualTo(4 + 6 + 5 + 4);
    assertThat(right / all).isGreaterThan(0.9);
  }

  /** One step of the cell against its equations in plain Java. */
  @Test
  void theLstmIsItsEquations() {
    Lstm network = Lstm.random(Key.of(9), 5, 3, 2, 1);
    double[] e = network.embedding().toDoubles();
    Lstm.Layer layer = network.layers().get(0);
    double[] wx = layer.input().weight().toDoubles();
    double[] wh = layer.recurrent().toDoubles();
    double[] wo = network.output().weight().toDoubles();
    double[] h = new double[2];
    double[] c = new double[2];
    for (int token : new int[] {4, 1, 3}) {
      double[] gates = new double[8];
      for (int g = 0; g < 8; g++) {
        gates[g] = g / 2 == 1 ? 1 : 0;
        for (int k = 0; k < 3; k++) {
          gates[g] += wx[g * 3 + k] * e[token * 3 + k];
        }
        for (int k = 0; k < 2; k++) {
          gates[g] += wh[g * 2 + k] * h[k];
        }
      }
      for (int k = 0; k < 2; k++) {
        c[k] = sigmoid(gates[2 + k]) * c[k] + sigmoid(gates[k]) * Math.tanh(gates[4 + k]);
        h[k] = sigmoid(gates[6 + k]) * Math.tanh(c[k]);
      }
    }
    Tensor got = network.logits(Tensor.of(new long[] {4, 1, 3}, 1, 3));
    assertThat(got.lengths()).containsExactly(1, 3, 5);
    double[] last = got.select(1, 2).toDoubles();
    for (int o = 0; o < 5; o++) {
      assertThat(last[o]).isCloseTo(wo[2 * o] * h[0] + wo[2 * o + 1] * h[1], within(1e-5));
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void shapesAreChecked() {
    assertThat(
            MultilayerPerceptron.random(Key.of(1), 3, 2)
                .logits(Tensor.full(1, DType.FLOAT32, Dim.of(4), Dim.of(3)))
                .lengths())
        .containsExactly(4, 2);
  }
}
