package ai.kindred.examples.pretrain;

import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.core.report.Progress;
import ai.kindred.core.report.ProgressObserver;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.TrainingInterruptedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "pretrain",
    description = {
      "Train a tiny language model from nothing, on generated text.",
      "",
      "The text tells of a made world of films and users, and has plain sentences and small"
          + " instructions. Without options this is the run that gave the bundled model. The folder"
          + " gets model/ (to load), report.html, the run's record and checkpoints."
    })
final class PretrainCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Optimiser steps (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "8",
      description = "Documents a step, of about 160 tokens each (default: ${DEFAULT-VALUE}).")
  private int documents;

  @Option(
      names = "--long-every",
      paramLabel = "N",
      defaultValue = "400",
      description = "One of so many documents is a long history (default: ${DEFAULT-VALUE}).")
  private int longEvery;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "192",
      description = "Width, a multiple of 32 (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      defaultValue = "2560",
      description = "Tokens of the tokenizer (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Longest sequence in tokens (default: ${DEFAULT-VALUE}).")
  private int context;

  @Option(
      names = "--rate",
      paramLabel = "X",
      defaultValue = "0.0007",
      description = "Highest learning rate (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--dtype",
      paramLabel = "D",
      defaultValue = "bfloat16",
      description = "Type of products, float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
  private String dtype = "bfloat16";

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "pretrained",
      description = "The run's folder (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("pretrained");

  @Option(
      names = "--cases",
      paramLabel = "N",
      defaultValue = "200",
      description = "Cases of each kind to evaluate on (default: ${DEFAULT-VALUE}).")
  private int cases;

  @Option(names = "--resume", description = "Go on with the run in the folder.")
  private boolean resume;

  /** The result with {@code --json}. */
  record Summary(String model, String report, Evaluation.Results results) {}

  @Override
  public Integer call() throws IOException {
    PretrainConfig config = config();
    try (RunDirectory run = record(config)) {
      try {
        return train(config, run);
      } catch (TrainingInterruptedException e) {
        // An interrupted thread cannot write; it is one again afterwards.
        boolean interrupted = Thread.interrupted();
        run.finish(RunStatus.STOPPED);
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        throw e;
      }
    }
  }

  private int train(PretrainConfig config, RunDirectory run) throws IOException {
    Pretraining pretraining = new Pretraining(config);
    Path words = out.resolve("tokenizer");
    Path folder = out.resolve("model");
    try (Tokenizer tokenizer = pretraining.tokenizer(words);
        Progress progress = Progress.start("pretrain", "steps", done(), config.steps());
        Scope scope = Scope.open()) {
      Observer shown = new ProgressObserver(progress, "train", List.of("loss"));
      Path checkpoints = out.resolve("checkpoints");
      LanguageModel model =
          scope.adopt(pretraining.train(tokenizer, checkpoints, Observer.all(List.of(run, shown))));
      Pretraining.save(model, words, folder);
    }
    output.notes().println("evaluating");
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(Pretraining.load(folder));
      try (Tokenizer tokenizer = model.requireTokenizer()) {
        var results = new Evaluation(model, pretraining.stream(tokenizer), cases).run();
        run.results(results);
        run.finish(RunStatus.DONE);
        write(config, Tree.params(model).elements(), results);
      }
    }
    return 0;
  }

  private void write(PretrainConfig config, long parameters, Evaluation.Results results)
      throws IOException {
    Path folder = out.resolve("model");
    Path page = out.resolve("report.html");
    PretrainReport report = new PretrainReport(RunRecord.read(out), config, parameters, results);
    report.writeHtml(page);
    report.writeReadme(folder.resolve("README.md"));
    output.result(
        new Summary(folder.toString(), page.toString(), results),
        report.text() + "model: " + folder + "\nreport: " + page);
  }

  private PretrainConfig config() {
    if (cases < 1) {
      throw output.badUsage("--cases is " + cases + "; give 1 or more");
    }
    try {
      return new PretrainConfig(
          seed,
          steps,
          documents,
          longEvery,
          rate,
          0.1,
          vocabulary,
          hidden,
          layers,
          context,
          Precision.of(dtype));
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }

  private RunDirectory record(PretrainConfig config) throws IOException {
    return resume
        ? RunDirectory.resume(out, done())
        : RunDirectory.create(out, new RunDirectory.Setup(output.typed(), seed, config, List.of()));
  }

  /** Steps that the last checkpoint holds. */
  private long done() throws IOException {
    return resume
        ? RunRecord.read(out).events("checkpoint").stream().mapToLong(Event::step).max().orElse(0)
        : 0;
  }
}
