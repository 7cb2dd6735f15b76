package ai.kindred.examples.finetune;

import ai.kindred.cli.Output;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.examples.multitask.RunFolder;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the main job. */
@Command(
    name = "finetune",
    description = {
      "Adapt a language model to many tasks at once.",
      "Without options: the bundled model, the built-in task suite, MoDE adapters. Prints scores of held-out"
          + " instances before and after, and writes adapter, record and report to a folder."
    })
final class FineTuneCommand implements Callable<Integer> {

  private static final FineTuneConfig DEFAULTS = FineTuneConfig.defaults();

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder of the base model; the bundled one.")
  private @Nullable Path model;

  @Option(
      names = "--tasks",
      paramLabel = "DIR",
      description = "Folder of tasks in Super-NaturalInstructions form; the built-in suite.")
  private @Nullable Path tasks;

  @Option(
      names = "--adapter",
      paramLabel = "lora|molora|molora-sd|mode",
      description = "Which adapter (default: ${DEFAULT-VALUE}).")
  private FineTuneConfig.Kind adapter = DEFAULTS.adapter();

  @Option(names = "--rank", paramLabel = "N", description = "Rank (default: ${DEFAULT-VALUE}).")
  private int rank = DEFAULTS.rank();

  @Option(
      names = "--experts",
      paramLabel = "N",
      description = "Experts of a mixture; MoDE: a slot (default: ${DEFAULT-VALUE}).")
  private int experts = DEFAULTS.experts();

  @Option(
      names = "--expert-rank",
      paramLabel = "N",
      description = "Rank of an expert, MoDE (default: ${DEFAULT-VALUE}).")
  private int expertRank = DEFAULTS.expertRank();

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      description = "Products to adapt, such as q_proj,v_proj; all linear ones.")
  private List<String> targets = DEFAULTS.targets();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Optimiser steps (default: ${DEFAULT-VALUE}).")
  private long steps = DEFAULTS.steps();

  @Option(
      names = "--batch-tokens",
      paramLabel = "N",
      description = "Tokens a step (default: ${DEFAULT-VALUE}).")
  private int batchTokens = DEFAULTS.batchTokens();

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Peak rate (default: ${DEFAULT-VALUE}).")
  private double learningRate = DEFAULTS.learningRate();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or int8 (default: bfloat16).")
  private String dtype = "bfloat16";

  @Option(
      names = "--train",
      paramLabel = "N",
      description = "Train instances a task at most (default: ${DEFAULT-VALUE}).")
  private int train = DEFAULTS.trainPerTask();

  @Option(
      names = "--held-out",
      paramLabel = "N",
      description = "Held-out instances a task (default: ${DEFAULT-VALUE}).")
  private int heldOut = DEFAULTS.heldOutPerTask();

  @Option(names = "--max-tasks", paramLabel = "N", description = "Tasks at most; 0 for all.")
  private int maxTasks = DEFAULTS.maxTasks();

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens = DEFAULTS.maxNewTokens();

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "End after N validations (20 in a run, on a tenth of the train instances, kept apart)"
              + " without a lower loss, and take the best; 0: never.")
  private int patience = DEFAULTS.patience();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description = "Steps from one checkpoint to the next (default: ${DEFAULT-VALUE}).")
  private long checkpointEvery = DEFAULTS.checkpointEvery();

  @Option(names = "--seed", paramLabel = "N", description = "Seed (default: ${DEFAULT-VALUE}).")
  private long seed = DEFAULTS.seed();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run; a new one below runs.")
  private @Nullable Path out;

  @Option(names = "--resume", description = "Go on with the interrupted run in --out.")
  private boolean resume;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (resume && out == null) {
      throw output.badUsage("--resume needs --out DIR, the folder of the run to go on with");
    }
    FineTuning job =
        new FineTuning(
            model == null ? KindredTiny.folder() : model,
            tasks,
            out == null ? RunFolder.fresh("finetune") : out,
            config(),
            output.typed());
    FineTuning.Result result;
    try {
      result = job.run(resume, output.notes()::println);
    } catch (TrainingInterruptedException e) {
      output.notes().println("to go on, add: --resume --out " + job.out());
      throw e;
    }
    String text =
        FineTuneReport.table(result).text()
            + "\n"
            + new FineTuneReport(job, result).samples()
            + "\nadapter  "
            + result.adapter()
            + "\nreport   "
            + result.report();
    output.result(FineTuneReport.results(result), text);
    return 0;
  }

  private FineTuneConfig config() {
    try {
      return new FineTuneConfig(
          adapter,
          rank,
          experts,
          expertRank,
          targets,
          steps,
          batchTokens,
          learningRate,
          Precision.of(dtype),
          train,
          heldOut,
          maxTasks,
          maxNewTokens,
          patience,
          checkpointEvery,
          seed);
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }
}
