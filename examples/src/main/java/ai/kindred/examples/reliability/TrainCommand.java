package ai.kindred.examples.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.config.Doc;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.report.Progress;
import ai.kindred.core.report.ProgressObserver;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Observer;
import ai.kindred.reliability.network.Architecture;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import ai.kindred.reliability.training.Accuracy;
import ai.kindred.reliability.training.Admm;
import ai.kindred.reliability.training.FloatTraining;
import ai.kindred.reliability.training.ImageSplits;
import ai.kindred.reliability.training.QuantisationTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network for images. */
@Command(
    name = "train",
    description = {
      "Train a network for images, in floats or for int8.",
      "Writes the network, its accuracy and a run record to a folder. Methods for int8 start from a"
          + " network trained in floats: that of --from, or one trained first with the same seed."
    })
final class TrainCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--network",
      paramLabel = "cnn|vgg|resnet|squeezenet",
      defaultValue = "cnn",
      description = "Which network (default: ${DEFAULT-VALUE}).")
  private Architecture architecture = Architecture.CNN;

  @Option(
      names = "--method",
      paramLabel = "float|int8|qatt|admm",
      defaultValue = "float",
      description = "How it is trained (default: ${DEFAULT-VALUE}).")
  private Method method = Method.FLOAT;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Folder with the four files of Fashion-MNIST.")
  private Path data = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Folder of an earlier run in floats to start from.")
  private @Nullable Path from;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The run's folder; the network goes into its folder 'network'.")
  private Path out = Path.of("");

  /** What was asked. */
  record Config(
      @Doc("which network") Architecture network,
      @Doc("how it is trained") Method method,
      @Doc("seed of everything random") long seed,
      @Doc("run to start from, or empty") String from) {}

  /**
   * The result with {@code --json}.
   *
   * @param weights number of weights, biases not counted
   * @param validation accuracy on images that weights were chosen by, percent
   * @param test accuracy on the test images, percent
   * @param floatTest that of the network in floats that it started from; null for floats
   * @param violations int8 values that had to be clamped at the end; null where nothing is clamped
   */
  record Summary(
      Architecture network,
      Method method,
      long seed,
      String folder,
      long weights,
      double validation,
      double test,
      @Nullable Double floatTest,
      @Nullable Long violations) {}

  private record Outcome(TrainedNetwork network, @Nullable Long violations) {}

  @Override
  @SuppressWarnings("try") // the scope works by being open
  public Integer call() throws IOException {
    if (method == Method.FLOAT && from != null) {
      throw output.badUsage("--from is for methods int8, qatt and admm; floats start from nothing");
    }
    ImageSplits images = ImageSplits.read(data);
    Config config = new Config(architecture, method, seed, from == null ? "" : from.toString());
    try (RunDirectory run =
            RunDirectory.create(
                out, new RunDirectory.Setup(output.typed(), seed, config, List.of(data)));
        Scope scope = Scope.open()) {
      TrainedNetwork given = start();
      TrainedNetwork floats = given == null ? floats(images, run) : given;
      Outcome outcome =
          method == Method.FLOAT ? new Outcome(floats, null) : trained(floats, images, run);
      TrainedNetwork network = outcome.network();
      Path folder = out.resolve("network");
      network.save(folder);
      output.notes().println("measuring");
      Summary summary =
          new Summary(
              architecture,
              method,
              seed,
              folder.toString(),
              network.weights(),
              Accuracy.of(network.network(), images.validation()),
              Accuracy.of(network.network(), images.test()),
              method == Method.FLOAT ? null : Accuracy.of(floats.network(), images.test()),
              outcome.violations());
      run.results(summary);
      run.finish(RunStatus.DONE);
      output.result(
          summary,
          "%s by %s, seed %d: %.2f %% of the test images, %.2f %% of the validation images%nnetwork: %s"
              .formatted(architecture, method, seed, summary.test(), summary.validation(), folder));
    }
    return 0;
  }

  private @Nullable TrainedNetwork start() throws IOException {
    Path folder = from;
    if (folder == null) {
      return null;
    }
    TrainedNetwork start = TrainedNetwork.load(folder.resolve("network"));
    if (start.config().architecture() != architecture) {
      throw output.badUsage(
          "--from "
              + folder
              + " has a "
              + start.config().architecture()
              + ", not a "
              + architecture);
    }
    return start;
  }

  private TrainedNetwork floats(ImageSplits images, RunDirectory run) {
    FloatTraining training = FloatTraining.of(architecture);
    try (Progress progress =
        Progress.start("float", "steps", 0, training.steps(images.training()))) {
      return training.run(architecture, seed, images.training(), observer(run, progress));
    }
  }

  private Outcome trained(TrainedNetwork start, ImageSplits images, RunDirectory run) {
    QuantisationTraining training = QuantisationTraining.of(images.training());
    String name = method.name().toLowerCase(Locale.ROOT);
    try (Progress progress = Progress.start(name, "steps", 0, training.steps())) {
      Observer observer = observer(run, progress);
      if (method == Method.ADMM) {
        Admm.Result result =
            Admm.of(images.training()).run(start, seed, images.training(), observer);
        return new Outcome(result.network(), result.violations());
      }
      return new Outcome(
          training.run(start, method, seed, images.training(), images.validation(), observer),
          null);
    }
  }

  private static Observer observer(RunDirectory run, Progress progress) {
    return Observer.all(List.of(run, new ProgressObserver(progress, "train", List.of("loss"))));
  }
}
