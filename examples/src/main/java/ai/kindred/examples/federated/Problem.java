package ai.kindred.examples.federated;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.train.Objective;
import ai.kindred.federated.Minibatch;
import ai.kindred.federated.data.FashionMnist;
import ai.kindred.federated.data.FederatedData;
import ai.kindred.federated.data.MovieLens;
import ai.kindred.federated.data.Omniglot;
import ai.kindred.federated.data.Shakespeare;
import ai.kindred.federated.data.StackExchange;
import ai.kindred.federated.network.Classification;
import ai.kindred.federated.network.Classifier;
import ai.kindred.federated.network.ConvolutionalNetwork;
import ai.kindred.federated.network.GroupNormResNet;
import ai.kindred.federated.network.Labelled;
import ai.kindred.federated.network.Lstm;
import ai.kindred.federated.network.MultilayerPerceptron;
import ai.kindred.federated.network.NextToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A data set and a network that reads it.
 *
 * @param data the examples
 * @param rows how many there are
 * @param start the network before training
 * @param objective the loss
 * @param scores how many predictions of some rows are right
 */
record Problem<E>(
    FederatedData<E> data,
    int rows,
    Params start,
    Objective<Minibatch<E>> objective,
    Scores scores) {

  /** Right predictions and all predictions of each row, [rows][2]. */
  @FunctionalInterface
  interface Scores {
    double[][] right(Params model, int[] rows);
  }

  private static final int FILMS = 512;
  private static final int WORDS = 1000;
  private static final int WINDOW = 80;

  /** Reads the data and makes the network. */
  static Problem<?> of(FederateConfig config, Path folder) throws IOException {
    Key key = config.key().fold("network");
    return switch (config.dataSet()) {
      case FASHION_MNIST -> classified(FashionMnist.training(folder), config, key, 1.0 / 255);
      case OMNIGLOT -> classified(Omniglot.read(folder), config, key, 1.0 / 255);
      case STACKEXCHANGE -> classified(StackExchange.read(folder, WORDS), config, key, 1);
      case MOVIELENS -> classified(MovieLens.read(folder, FILMS), config, key, 1);
      case SHAKESPEARE -> {
        FederatedData<NextToken.Windows> data =
            Shakespeare.read(folder.resolve("tinyshakespeare.txt"), WINDOW);
        Lstm network = Lstm.random(key, data.classes().size(), 16, 128, 1);
        NextToken task = new NextToken(network, -1);
        yield new Problem<>(
            data,
            Math.toIntExact(data.examples().tokens().lengths()[0]),
            Tree.params(network),
            task.objective(),
            (model, rows) -> task.right(model, data.examples(), rows));
      }
    };
  }

  private static Problem<Labelled> classified(
      FederatedData<Labelled> data, FederateConfig config, Key key, double scale) {
    long[] lengths = data.examples().inputs().lengths();
    long width = Arrays.stream(lengths).skip(1).reduce(1, Math::multiplyExact);
    int classes = data.classes().size();
    Classifier network =
        switch (config.network()) {
          case LOGISTIC -> MultilayerPerceptron.random(key, width, classes);
          case MLP -> MultilayerPerceptron.random(key, width, 200, classes);
          case CNN ->
              ConvolutionalNetwork.random(
                  key, lengths[1], lengths[2], new long[] {16, 32, 128}, classes);
          case RESNET ->
              GroupNormResNet.random(key, lengths[1], 4, new long[] {16, 32, 64}, classes);
          case LSTM -> throw new IllegalArgumentException("an LSTM reads text");
        };
    Classification<Classifier> task = new Classification<>(network, scale);
    return new Problem<>(
        data,
        Math.toIntExact(lengths[0]),
        Tree.params(network),
        task.objective(),
        (model, rows) ->
            Arrays.stream(task.right(model, data.examples(), rows))
                .mapToObj(right -> new double[] {right, 1})
                .toArray(double[][]::new));
  }
}
