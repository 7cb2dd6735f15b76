package ai.kindred.examples.federated;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.federated.Choices.DataSet;
import ai.kindred.examples.federated.Choices.Grouping;
import ai.kindred.examples.federated.Choices.Method;
import ai.kindred.examples.federated.Choices.Network;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Collecting;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.LocalTraining;
import ai.kindred.federated.Partition;
import ai.kindred.federated.Sampling;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.algorithm.FedNova;
import ai.kindred.federated.algorithm.FedProx;
import ai.kindred.federated.algorithm.MimeLite;
import ai.kindred.federated.algorithm.Scaffold;
import ai.kindred.federated.data.FederatedData;
import ai.kindred.federated.data.Partitions;
import ai.kindred.federated.privacy.SampledGaussian;
import ai.kindred.federated.server.ServerOptimizer;
import java.util.Arrays;

/**
 * Settings of a federated run; they go into its record. Clients keep a fifth of their examples to
 * be measured on.
 *
 * @param dataSet what the examples are
 * @param partition who gets which
 * @param clients how many, unless they come with the data
 * @param alpha of a Dirichlet partition
 * @param shards a client, of a partition by shards
 * @param unparticipating share of clients that never train and are measured on
 * @param network what is trained
 * @param algorithm how
 * @param rounds in all
 * @param cohort clients a round; with noise their expected number
 * @param epochs a client's passes over its examples in a round
 * @param batch examples a local step
 * @param rate of local steps
 * @param serverRate of the server's steps
 * @param mu how strongly FedProx holds clients
 * @param clip longest change that a client sends; 0: any
 * @param noise standard deviation of the noise on the sum of changes, in clips
 * @param delta of the epsilon that is reported
 * @param centralised whether training on the pooled data runs beside
 * @param centralisedRate its rate
 * @param seed of everything random
 */
record FederateConfig(
    @Doc("data set") DataSet dataSet,
    @Doc("who gets which examples") Grouping partition,
    @Doc("number of clients") @Range(min = 1) int clients,
    @Doc("evenness of a Dirichlet partition") double alpha,
    @Doc("shards a client") @Range(min = 1) int shards,
    @Doc("share of clients that never train") @Range(min = 0, below = 1) double unparticipating,
    @Doc("network") Network network,
    @Doc("algorithm") Method algorithm,
    @Doc("rounds") @Range(min = 1) long rounds,
    @Doc("clients a round") @Range(min = 1) int cohort,
    @Doc("local epochs") @Range(min = 1) int epochs,
    @Doc("examples a step") @Range(min = 1) int batch,
    @Doc("local learning rate") @Range(above = 0) double rate,
    @Doc("server's learning rate") @Range(above = 0) double serverRate,
    @Doc("FedProx's mu") @Range(min = 0) double mu,
    @Doc("clipping norm; 0: none") @Range(min = 0) double clip,
    @Doc("noise multiplier; 0: none") @Range(min = 0) double noise,
    @Doc("delta of epsilon") @Range(above = 0, below = 1) double delta,
    @Doc("training on pooled data beside") boolean centralised,
    @Doc("its learning rate") @Range(above = 0) double centralisedRate,
    @Doc("seed") long seed) {

  /**
   * What does not go together, in a user's words.
   *
   * @throws IllegalArgumentException with what would be right
   */
  void check() {
    if (!network.reads(dataSet)) {
      throw new IllegalArgumentException(
          "network %s cannot read %s; give %s"
              .formatted(
                  network,
                  dataSet,
                  Choices.list(
                      Arrays.stream(Network.values())
                          .filter(n -> n.reads(dataSet))
                          .toArray(Network[]::new))));
    }
    if (partition == Grouping.NATURAL && dataSet == DataSet.FASHION_MNIST) {
      throw new IllegalArgumentException(
          "fashion-mnist comes without clients; give --partition iid, dirichlet or shards");
    }
    if (dataSet == DataSet.SHAKESPEARE
        && (partition == Grouping.DIRICHLET || partition == Grouping.SHARDS)) {
      throw new IllegalArgumentException(
          "shakespeare has no labels to partition by; give --partition iid or natural");
    }
    if (noise > 0 && clip == 0) {
      throw new IllegalArgumentException("--noise is counted in clipping norms; give --clip");
    }
    if (noise > 0 && !algorithm.sendsChangeAlone()) {
      throw new IllegalArgumentException(
          "--noise is accounted for where clients send the change of the model alone, which %s's"
                  .formatted(algorithm)
              + " do not; give fedavg, fedavgm, fedadam, fedyogi, fedadagrad or fedprox");
    }
  }

  /** The same for another number of rounds, to compare what must be the same in a resumed run. */
  FederateConfig withRounds(long other) {
    return new FederateConfig(
        dataSet,
        partition,
        clients,
        alpha,
        shards,
        unparticipating,
        network,
        algorithm,
        other,
        cohort,
        epochs,
        batch,
        rate,
        serverRate,
        mu,
        clip,
        noise,
        delta,
        centralised,
        centralisedRate,
        seed);
  }

  Key key() {
    return Key.of(seed).fold("federate");
  }

  /** All clients with all their examples. */
  Partition partition(FederatedData<?> data, int rows) {
    Key own = key().fold("partition");
    return switch (partition) {
      case IID -> Partitions.iid(rows, clients, own);
      case DIRICHLET -> Partitions.dirichlet(data.labels(), clients, alpha, own);
      case SHARDS -> Partitions.shards(data.labels(), clients, shards, own);
      case NATURAL ->
          // With a single example there would be nothing to train on.
          Partitions.atLeast(data.naturalClients().orElseThrow(), 2);
    };
  }

  LocalTraining training() {
    return LocalTraining.epochs(epochs, batch);
  }

  /** A client's chance to be in a round, as noise is accounted for. */
  double samplingRate(int training) {
    return Math.min(1, (double) cohort / training);
  }

  Sampling sampling(int training) {
    return noise > 0 ? Sampling.poisson(samplingRate(training)) : Sampling.uniform(cohort);
  }

  SampledGaussian mechanism(int training) {
    return new SampledGaussian(samplingRate(training), noise);
  }

  Collecting collecting(int training) {
    if (noise > 0) {
      return Collecting.MEAN.privately(clip, noise, Math.min(cohort, training));
    }
    return clip > 0 ? Collecting.MEAN.clipped(clip) : Collecting.MEAN;
  }

  <B> Algorithm<B, ?> algorithm(LocalSgd<B> local) {
    ServerOptimizer sgd = ServerOptimizer.sgd(serverRate);
    return switch (algorithm) {
      case FEDAVG -> new FedAvg<>(local, sgd);
      case FEDAVGM -> new FedAvg<>(local, new ServerOptimizer.Momentum(serverRate, 0.9));
      case FEDADAM -> new FedAvg<>(local, new ServerOptimizer.Adam(serverRate));
      case FEDYOGI -> new FedAvg<>(local, new ServerOptimizer.Yogi(serverRate, 0.9, 0.99, 1e-3));
      case FEDADAGRAD -> new FedAvg<>(local, new ServerOptimizer.Adagrad(serverRate, 1e-3));
      case FEDPROX -> new FedProx<>(local, sgd, mu);
      case SCAFFOLD -> new Scaffold<>(local, serverRate);
      case FEDNOVA -> new FedNova<>(local, sgd);
      case MIME -> new MimeLite<>(local, 0.9);
    };
  }
}
