package ai.kindred.benchmarks.federated;

import ai.kindred.benchmarks.lm.PeakMemory;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.train.Signal;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.federated.ClientData;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.LocalTraining;
import ai.kindred.federated.Minibatch;
import ai.kindred.federated.Partition;
import ai.kindred.federated.Sampling;
import ai.kindred.federated.Simulation;
import ai.kindred.federated.SimulationConfig;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Rounds of FedAvg as the Python peers run them: 200 clients of 100 examples, 50 a round, batches
 * of 20, one epoch, SGD 0.05. Inputs are random numbers, on which speed does not depend.
 */
final class FederatedWorkloads {

  static final List<String> NAMES =
      List.of(
          "mlp-784-200-10", "cnn-16-32-64", "mlp-32-64-10", "resnet", "lstm", "virtual", "growth");

  private static final int CLIENTS = 200;
  private static final int EXAMPLES = 100;
  private static final int COHORT = 50;
  private static final int BATCH = 20;

  /** What was measured, by name. */
  record Line(String workload, Map<String, Double> figures) {}

  private final int threads;
  private final double seconds;

  /**
   * Workloads.
   *
   * @param threads of the engine
   * @param seconds that a workload is measured for, about
   */
  FederatedWorkloads(int threads, double seconds) {
    this.threads = threads;
    this.seconds = seconds;
  }

  void run(String name, Consumer<Line> to) {
    Scope scope = Scope.open();
    try {
      measure(name, to);
    } finally {
      scope.close();
    }
  }

  private void measure(String name, Consumer<Line> to) {
    Key key = Key.of(1);
    switch (name) {
      case "mlp-784-200-10" ->
          to.accept(classifier(name, MultilayerPerceptron.random(key, 784, 200, 10), 784));
      case "mlp-32-64-10" ->
          to.accept(classifier(name, MultilayerPerceptron.random(key, 32, 64, 10), 32));
      case "cnn-16-32-64" ->
          to.accept(
              classifier(
                  name,
                  ConvolutionalNetwork.random(key, 1, 28, new long[] {16, 32, 64}, 10),
                  1,
                  28,
                  28));
      case "resnet" ->
          to.accept(
              classifier(
                  name, GroupNormResNet.random(key, 1, 4, new long[] {16, 32, 64}, 10), 1, 28, 28));
      case "lstm" -> to.accept(lstm());
      case "virtual" -> to.accept(virtual());
      case "growth" -> growth(to);
      default -> throw new IllegalArgumentException("no workload is called " + name);
    }
  }

  private Line classifier(String name, Classifier network, long... shape) {
    return Scope.tidy(
        () -> {
          Labelled pool = pool(CLIENTS * EXAMPLES, shape);
          LocalSgd<Minibatch<Labelled>> local =
              new LocalSgd<>(new Classification<>(network, 1).objective(), 0.05);
          return new Line(name, rounds(local, pool, Tree.params(network)));
        });
  }

  private Line lstm() {
    return Scope.tidy(
        () -> {
          SplittableRandom random = Key.of(2).random();
          long[] tokens = new long[CLIENTS * EXAMPLES * 81];
          for (int i = 0; i < tokens.length; i++) {
            tokens[i] = random.nextInt(90);
          }
          NextToken.Windows pool = new NextToken.Windows(Tensor.of(tokens, CLIENTS * EXAMPLES, 81));
          Lstm network = Lstm.random(Key.of(1), 90, 8, 128, 1);
          LocalSgd<Minibatch<NextToken.Windows>> local =
              new LocalSgd<>(new NextToken(network, -1).objective(), 0.05);
          return new Line("lstm", rounds(local, pool, Tree.params(network)));
        });
  }

  private static Labelled pool(int n, long... shape) {
    Dim[] lengths = new Dim[shape.length + 1];
    lengths[0] = Dim.of(n);
    for (int i = 0; i < shape.length; i++) {
      lengths[i + 1] = Dim.of(shape[i]);
    }
    SplittableRandom random = Key.of(2).random();
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(10);
    }
    return new Labelled(
        Tensor.rand(Tensor.of(Key.of(3)), DType.FLOAT32, lengths), Tensor.of(labels, n));
  }

  /** Clients of as many examples each, computed, not stored. */
  private record Equal(int clients, int each, int rows) implements Partition {

    @Override
    public int size(int client) {
      return each;
    }

    @Override
    public int row(int client, int place) {
      return (int) (((long) client * each + place) % rows);
    }
  }

  private <E> Map<String, Double> rounds(LocalSgd<Minibatch<E>> local, E pool, Params start) {
    Partition partition = new Equal(CLIENTS, EXAMPLES, CLIENTS * EXAMPLES);
    List<Double> times = times(local, pool, partition, COHORT, start, seconds, 3);
    double median = median(times);
    double steps = COHORT * (double) (EXAMPLES / BATCH);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("client_steps_per_second", steps / median);
    figures.put("ms_a_round", median * 1e3);
    figures.put("rounds", (double) times.size());
    return figures;
  }

  /** Seconds of each round after the warm-up. */
  private <E> List<Double> times(
      LocalSgd<Minibatch<E>> local,
      E pool,
      Partition partition,
      int cohort,
      Params start,
      double budget,
      int warmUp) {
    List<Double> times = new ArrayList<>();
    long[] last = {System.nanoTime()};
    double[] spent = {0};
    int[] seen = {0};
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      Params model =
          Simulation.of(
                  new FedAvg<>(local, ServerOptimizer.sgd(1)),
                  new ClientData<>(pool, partition),
                  Sampling.uniform(cohort),
                  new SimulationConfig(1_000_000, 1, LocalTraining.epochs(1, BATCH), 0, 0, 1, true))
              .observedBy(
                  event -> {
                    double took = (System.nanoTime() - last[0]) / 1e9;
                    last[0] = System.nanoTime();
                    spent[0] += took;
                    if (seen[0]++ < warmUp) {
                      return Signal.CONTINUE;
                    }
                    times.add(took);
                    boolean enough = spent[0] > budget && times.size() >= 5;
                    return enough ? Signal.STOP : Signal.CONTINUE;
                  })
              .run(start, workers);
      model.asMap().values().forEach(Tensor::close);
    }
    return times;
  }

  /**
   * 100,000 clients of 20 examples, 1,000 a round, a model of two numbers: nearly all of the time
   * is the engine's own.
   */
  private Line virtual() {
    return Scope.tidy(
        () -> {
          Labelled pool = pool(10_000, 1);
          LocalSgd<Minibatch<Labelled>> local =
              new LocalSgd<>(
                  (params, batch, key) ->
                      batch.mean(
                          batch
                              .examples()
                              .inputs()
                              .linear(params.get("w"), null)
                              .squeeze(1)
                              .pow(2)),
                  0.05);
          Params start = new Params(Map.of("w", Tensor.of(new float[] {1}, 1, 1)));
          Partition partition = new Equal(100_000, 20, 10_000);
          double before = resident();
          List<Double> times = times(local, pool, partition, 1000, start, 0, 5);
          double warm = resident();
          List<Double> more = times(local, pool, partition, 1000, start, 200 * median(times), 200);
          Map<String, Double> figures = new LinkedHashMap<>();
          figures.put("us_a_client", median(more) * 1e3);
          figures.put("rounds", 205.0 + more.size());
          figures.put("mb_before", before);
          figures.put("mb_warm", warm);
          figures.put("mb_after_200_rounds", resident());
          return new Line("virtual", figures);
        });
  }

  private static double resident() {
    try {
      return PeakMemory.residentMegabytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The time of a round as the cohort grows. */
  private void growth(Consumer<Line> to) {
    for (int cohort : new int[] {10, 100, 1000, 10_000}) {
      to.accept(
          Scope.tidy(
              () -> {
                Labelled pool = pool(20_000, 32);
                Classifier network = MultilayerPerceptron.random(Key.of(1), 32, 64, 10);
                LocalSgd<Minibatch<Labelled>> local =
                    new LocalSgd<>(new Classification<>(network, 1).objective(), 0.05);
                Partition partition = new Equal(20_000, 20, 20_000);
                double median =
                    median(times(local, pool, partition, cohort, Tree.params(network), 1, 3));
                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("clients", (double) cohort);
                figures.put("ms_a_round", median * 1e3);
                figures.put("us_a_client", median * 1e6 / cohort);
                return new Line("growth", figures);
              }));
    }
  }

  private static double median(List<Double> times) {
    List<Double> sorted = times.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
