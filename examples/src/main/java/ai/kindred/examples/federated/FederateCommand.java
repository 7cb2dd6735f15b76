package ai.kindred.examples.federated;

import ai.kindred.cli.Output;
import ai.kindred.core.config.Configs;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.examples.federated.Choices.DataSet;
import ai.kindred.examples.federated.Choices.Grouping;
import ai.kindred.examples.federated.Choices.Method;
import ai.kindred.examples.federated.Choices.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of federated training. */
@Command(
    name = "federate",
    description = {
      "Train a network across clients that keep their data.",
      "Every client holds out a fifth of its examples; accuracy on those is told over all and by"
          + " percentiles of clients. Writes record, checkpoints and report to a folder."
    })
final class FederateCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--data-set",
      required = true,
      paramLabel = "NAME",
      description = "fashion-mnist, omniglot, shakespeare, stackexchange or movielens.")
  private DataSet dataSet = DataSet.FASHION_MNIST;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Folder with the data set's files as published.")
  private Path data = Path.of("");

  @Option(
      names = "--partition",
      paramLabel = "iid|dirichlet|shards|natural",
      description = "Who gets which examples (default: natural, of fashion-mnist dirichlet).")
  private @Nullable Grouping partition;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "Number of clients, where they do not come with the data (default: 100).")
  private @Nullable Integer clients;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      description = "Evenness of a Dirichlet partition: 0.1 uneven, 100 even (default: 1).")
  private @Nullable Double alpha;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Shards a client, of a partition by shards (default: 2).")
  private @Nullable Integer shards;

  @Option(
      names = "--unparticipating",
      paramLabel = "X",
      defaultValue = "0",
      description = "Share of clients that never train and are measured on (default: 0).")
  private double unparticipating;

  @Option(
      names = "--network",
      paramLabel = "logistic|mlp|cnn|resnet|lstm",
      description =
          "What is trained (default: cnn for images, lstm for shakespeare, else logistic).")
  private @Nullable Network network;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "fedavg",
      description =
          "fedavg, fedavgm, fedadam, fedyogi, fedadagrad, fedprox, scaffold, fednova or mime"
              + " (default: ${DEFAULT-VALUE}).")
  private Method algorithm = Method.FEDAVG;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "50",
      description = "Rounds (default: ${DEFAULT-VALUE}).")
  private long rounds;

  @Option(
      names = "--cohort",
      paramLabel = "N",
      defaultValue = "10",
      description = "Clients a round; with --noise on average (default: ${DEFAULT-VALUE}).")
  private int cohort;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "A client's passes over its examples a round (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "20",
      description = "Examples a local step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--rate",
      paramLabel = "X",
      defaultValue = "0.05",
      description = "Learning rate of local steps (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--server-rate",
      paramLabel = "X",
      description =
          "Learning rate of the server (default: 1; fedavgm 0.3, fedadam and fedyogi 0.01,"
              + " fedadagrad 0.03).")
  private @Nullable Double serverRate;

  @Option(
      names = "--mu",
      paramLabel = "X",
      description = "How strongly fedprox holds clients (default: 0.1).")
  private @Nullable Double mu;

  @Option(
      names = "--clip",
      paramLabel = "X",
      defaultValue = "0",
      description = "Longest change a client sends; 0: any (default: 0).")
  private double clip;

  @Option(
      names = "--noise",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Gaussian noise on the sum of changes, in clipping norms; epsilon is told every round"
              + " (default: 0).")
  private double noise;

  @Option(
      names = "--delta",
      paramLabel = "X",
      defaultValue = "1e-5",
      description = "Delta of epsilon (default: ${DEFAULT-VALUE}).")
  private double delta;

  @Option(
      names = "--centralised",
      description = "Train on the pooled examples beside, with as many steps.")
  private boolean centralised;

  @Option(
      names = "--centralised-rate",
      paramLabel = "X",
      description = "Its learning rate (default: that of local steps).")
  private @Nullable Double centralisedRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Clients at work at once; results are the same (default: all processors).")
  private @Nullable Integer threads;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "The run's folder.")
  private Path out = Path.of("");

  @Option(names = "--resume", description = "Go on with the interrupted run in --out.")
  private boolean resume;

  @Override
  public Integer call() throws IOException {
    int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (atOnce < 1) {
      throw output.badUsage("--threads is at least 1, not " + atOnce);
    }
    Federation job = new Federation(config(), data, out, atOnce, output.typed());
    Federation.Outcome outcome;
    try {
      outcome = job.run(resume, output.notes()::println);
    } catch (TrainingInterruptedException e) {
      output.notes().println("to go on, add: --resume");
      throw e;
    }
    FederateReport report = new FederateReport(job, outcome);
    report.write();
    output.result(FederateReport.results(job, outcome), report.text());
    return 0;
  }

  private FederateConfig config() {
    Grouping grouping = partition;
    if (grouping == null) {
      grouping = dataSet == DataSet.FASHION_MNIST ? Grouping.DIRICHLET : Grouping.NATURAL;
    }
    onlyWith(alpha, "--alpha", grouping == Grouping.DIRICHLET, "--partition dirichlet");
    onlyWith(shards, "--shards", grouping == Grouping.SHARDS, "--partition shards");
    onlyWith(
        clients, "--clients", grouping != Grouping.NATURAL, "--partition iid, dirichlet or shards");
    onlyWith(mu, "--mu", algorithm == Method.FEDPROX, "--algorithm fedprox");
    onlyWith(centralisedRate, "--centralised-rate", centralised, "--centralised");
    FederateConfig config =
        new FederateConfig(
            dataSet,
            grouping,
            clients == null ? 100 : clients,
            alpha == null ? 1 : alpha,
            shards == null ? 2 : shards,
            unparticipating,
            network == null ? Network.of(dataSet) : network,
            algorithm,
            rounds,
            cohort,
            epochs,
            batch,
            rate,
            serverRate == null ? algorithm.serverRate() : serverRate,
            mu == null ? 0.1 : mu,
            clip,
            noise,
            delta,
            centralised,
            centralisedRate == null ? rate : centralisedRate,
            seed);
    try {
      Configs.toTree(config); // refuses what is out of range
      config.check();
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
    return config;
  }

  private void onlyWith(@Nullable Object given, String option, boolean right, String other) {
    if (given != null && !right) {
      throw output.badUsage(option + " is for " + other);
    }
  }
}
