package ai.kindred.examples.adapters;

import ai.kindred.cli.Output;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.examples.multitask.RunFolder;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options and work that all experiments have in common. */
abstract class ExperimentCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder of the base model; the bundled one.")
  private @Nullable Path model;

  @Option(
      names = "--tasks",
      paramLabel = "DIR",
      description =
          "Folder of tasks in Super-NaturalInstructions form, or that repository; the built-in"
              + " suite.")
  private @Nullable Path tasks;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "TASK",
      description = "Tasks to use, by name or number, such as task1146; all.")
  private List<String> only = List.of();

  @Option(
      names = "--max-tasks",
      paramLabel = "N",
      description = "Tasks at most, by name; 0 for all (default: ${DEFAULT-VALUE}).")
  private int maxTasks;

  @Option(
      names = "--leave-out",
      paramLabel = "N",
      description = "Tasks that nothing is trained on, drawn by --split-seed; only evaluated.")
  private int leaveOut;

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      description =
          "Products to adapt, such as q_proj,v_proj; all linear ones, in redundancy those of"
              + " attention.")
  private List<String> targets = List.of();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Optimiser steps of a trial (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--batch-tokens",
      paramLabel = "N",
      description = "Tokens a step (default: ${DEFAULT-VALUE}).")
  private int batchTokens = 1024;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Peak rate of methods that --rates has not (default: ${DEFAULT-VALUE}).")
  private double learningRate = 5e-3;

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "METHOD=X",
      description = "Peak rates of single methods, such as lora=5e-3,mode=1e-2.")
  private Map<String, Double> rates = Map.of();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or int8 (default: ${DEFAULT-VALUE}).")
  private String dtype = "bfloat16";

  @Option(
      names = "--train",
      paramLabel = "N",
      description = "Train instances a task at most (default: ${DEFAULT-VALUE}).")
  private int train = 400;

  @Option(
      names = "--held-out",
      paramLabel = "N",
      description = "Held-out instances a task (default: ${DEFAULT-VALUE}).")
  private int heldOut = 40;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens = 16;

  @Option(
      names = "--budgets",
      split = ",",
      paramLabel = "RANK",
      description = "Parameters that may be added, as ranks of LoRA (default: ${DEFAULT-VALUE}).")
  private List<Integer> budgets;

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "One training from each (default: ${DEFAULT-VALUE}).")
  private List<Long> seeds;

  @Option(
      names = "--split-seed",
      paramLabel = "N",
      description =
          "What splits of a folder's tasks and the tasks left out are drawn from, whatever the"
              + " seeds (default: ${DEFAULT-VALUE}).")
  private long splitSeed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description = "Steps from one checkpoint to the next (default: ${DEFAULT-VALUE}).")
  private long checkpointEvery = 100;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run; a new one below runs.")
  private @Nullable Path out;

  @Option(names = "--resume", description = "Go on with the interrupted run in --out.")
  private boolean resume;

  /**
   * With the defaults that differ from experiment to experiment.
   *
   * @param maxTasks 0 for all
   */
  ExperimentCommand(long steps, int maxTasks, List<Integer> budgets, List<Long> seeds) {
    this.steps = steps;
    this.maxTasks = maxTasks;
    this.budgets = budgets;
    this.seeds = seeds;
  }

  /** Products that are adapted unless the command line says otherwise. */
  final void adapting(String... products) {
    targets = List.of(products);
  }

  /** The experiment that the command's own options ask for. */
  abstract Experiment experiment();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (resume && out == null) {
      throw output.badUsage("--resume needs --out DIR, the folder of the run to go on with");
    }
    if (model != null && !Files.isDirectory(model)) {
      throw output.badUsage("--model: no such folder: " + model);
    }
    if (tasks != null && !Files.isDirectory(tasks)) {
      throw output.badUsage("--tasks: no such folder: " + tasks);
    }
    Laboratory laboratory;
    Experiment experiment;
    try {
      experiment = experiment();
      laboratory =
          new Laboratory(
              model == null ? KindredTiny.folder() : model,
              tasks,
              out == null ? RunFolder.fresh(experiment.name()) : out,
              config(experiment.toString()),
              output.typed());
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
    Laboratory.Outcome outcome;
    try {
      outcome = laboratory.run(experiment, resume, output.notes()::println);
    } catch (PlanException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    } catch (TrainingInterruptedException e) {
      output.notes().println("to go on, add: --resume --out " + laboratory.out());
      throw e;
    }
    Map<String, Object> figures = new LinkedHashMap<>(outcome.findings().figures());
    figures.put("report", outcome.report().toString());
    output.result(figures, outcome.findings().text() + "\n\nreport  " + outcome.report());
    return 0;
  }

  private ExperimentConfig config(String experiment) {
    return new ExperimentConfig(
        experiment,
        budgets,
        targets,
        steps,
        batchTokens,
        learningRate,
        rates,
        Precision.of(dtype),
        train,
        heldOut,
        only,
        maxTasks,
        leaveOut,
        maxNewTokens,
        checkpointEvery,
        splitSeed,
        seeds);
  }
}
