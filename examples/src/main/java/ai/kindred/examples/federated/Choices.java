package ai.kindred.examples.federated;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The closed choices of a federated run, as options spell them. */
final class Choices {
  private Choices() {}

  private static String spelt(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The choices with a comma between. */
  static String list(Enum<?>... choices) {
    return Arrays.stream(choices).map(Choices::spelt).collect(Collectors.joining(", "));
  }

  /** What the examples are. */
  enum DataSet {
    FASHION_MNIST,
    OMNIGLOT,
    SHAKESPEARE,
    STACKEXCHANGE,
    MOVIELENS;

    /** Whether examples are images. */
    boolean isImages() {
      return this == FASHION_MNIST || this == OMNIGLOT;
    }

    @Override
    public String toString() {
      return spelt(this);
    }
  }

  /** Who gets which examples. */
  enum Grouping {
    IID,
    DIRICHLET,
    SHARDS,
    NATURAL;

    @Override
    public String toString() {
      return spelt(this);
    }
  }

  /** How clients and server train. */
  enum Method {
    FEDAVG,
    FEDAVGM,
    FEDADAM,
    FEDYOGI,
    FEDADAGRAD,
    FEDPROX,
    SCAFFOLD,
    FEDNOVA,
    MIME;

    /** The server's rate where none is given. */
    double serverRate() {
      return switch (this) {
        case FEDADAM, FEDYOGI -> 0.01;
        case FEDADAGRAD -> 0.03;
        case FEDAVGM -> 0.3;
        default -> 1;
      };
    }

    /** Whether clients send the change of the model alone, which clipping and noise assume. */
    boolean sendsChangeAlone() {
      return this != SCAFFOLD && this != FEDNOVA && this != MIME;
    }

    @Override
    public String toString() {
      return spelt(this);
    }
  }

  /** What is trained. */
  enum Network {
    LOGISTIC,
    MLP,
    CNN,
    RESNET,
    LSTM;

    /** Whether it can read a data set's examples. */
    boolean reads(DataSet data) {
      return switch (this) {
        case LOGISTIC, MLP -> data != DataSet.SHAKESPEARE;
        case CNN, RESNET -> data.isImages();
        case LSTM -> data == DataSet.SHAKESPEARE;
      };
    }

    /** The network for a data set where none is named. */
    static Network of(DataSet data) {
      return data.isImages() ? CNN : data == DataSet.SHAKESPEARE ? LSTM : LOGISTIC;
    }

    @Override
    public String toString() {
      return spelt(this);
    }
  }
}
