package ai.kindred.examples.finetune;

import ai.kindred.core.data.CommonestAnswer;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.metrics.Bootstrap;
import ai.kindred.core.metrics.PairedPermutation;
import ai.kindred.core.metrics.TaskGains;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.report.CurveObserver;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Estimate;
import ai.kindred.core.train.Machine;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Trained;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.examples.multitask.Answers;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.examples.multitask.TrainingData;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.ParameterCount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes a language model on many tasks at once and compares held-out answers before and after.
 *
 * @param model folder of the base model
 * @param tasks folder of tasks, or null for the built-in suite
 * @param out folder of the run: record, checkpoints, adapter, report
 * @param config settings
 * @param command as it was typed, for the record
 */
record FineTuning(
    Path model, @Nullable Path tasks, Path out, FineTuneConfig config, String command) {

  /** What came out. */
  record Result(
      TaskSuite suite,
      TaskGains gains,
      Map<String, Double> commonest,
      Answers before,
      Answers after,
      Trained trained,
      ParameterCount parameters,
      Path adapter,
      Path report) {}

  /**
   * Runs the job, or goes on with an interrupted one.
   *
   * @param notes is told what training will take, before it begins
   */
  Result run(boolean resume, Consumer<String> notes) throws IOException, InterruptedException {
    LanguageModel base = LanguageModel.load(model, config.precision());
    TaskSuite suite = TaskSuite.load(tasks, List.of(), config.sizes(), config.seed());
    TrainingData data = config.adaptation().data(base, suite);
    AdapterConfig adapter = config.adapterConfig();
    LanguageModel adapted = Adapters.add(base, adapter, Key.of(config.seed()).fold("adapters"));
    ParameterCount count = ParameterCount.of(adapted);
    RunDirectory.Setup setup =
        new RunDirectory.Setup(command, config.seed(), config, TaskSuite.files(model, tasks));
    tell(adapted, data.batch(0), notes);
    try (RunDirectory run =
        resume && Files.exists(out.resolve("run.json"))
            ? RunDirectory.resume(out, Training.savedSteps(checkpoints()))
            : RunDirectory.create(out, setup)) {
      Answers before = Answers.of(base, suite, config.maxNewTokens(), "before");
      CurveObserver curve = new CurveObserver("train");
      Trained trained;
      try {
        trained =
            config
                .adaptation()
                .train(
                    adapted,
                    data,
                    "training",
                    Observer.all(List.of(run, curve)),
                    checkpoints(),
                    Map.of(
                        "model", String.valueOf(model.getFileName()),
                        "tasks", suite.name(),
                        "settings", config.toString()));
      } catch (TrainingInterruptedException e) {
        run.finish(RunStatus.STOPPED);
        throw e;
      }
      LanguageModel tuned = Tree.with(adapted, trained.best());
      Path folder = out.resolve("adapter");
      AdapterFolder.at(folder).save(tuned, adapter, String.valueOf(model.getFileName()));
      Answers after = Answers.of(tuned, suite, config.maxNewTokens(), "after");
      Key key = Key.of(config.seed()).fold("intervals");
      TaskGains gains =
          TaskGains.of(
              before.scores(),
              after.scores(),
              Bootstrap.of(key),
              new PairedPermutation(2000, key.fold("permutation")),
              Bootstrap.Groups.FIXED);
      Result result =
          new Result(
              suite,
              gains,
              commonest(suite),
              before,
              after,
              trained,
              count,
              folder,
              out.resolve("report.html"));
      run.results(FineTuneReport.results(result));
      run.finish(RunStatus.DONE);
      new FineTuneReport(this, result).write(run, tuned, curve);
      return result;
    }
  }

  /** What training will take, and what to change where that is too much. */
  private void tell(LanguageModel adapted, PackedBatch batch, Consumer<String> notes) {
    Machine machine = Machine.measure(adapted.activations());
    Estimate estimate =
        LanguageModelObjective.of(adapted)
            .estimate(
                adapted.params(Adapter.class), config.adaptation().training().optimizer(), batch);
    notes.accept("training takes " + estimate.describe(machine, config.steps()));
    estimate.advice(machine).ifPresent(advice -> notes.accept("it may not fit: " + advice));
  }

  private Path checkpoints() {
    return out.resolve("checkpoints");
  }

  private Map<String, Double> commonest(TaskSuite suite) {
    Map<String, Double> scores = new LinkedHashMap<>();
    for (InstructionTask task : suite.tasks()) {
      String answer = CommonestAnswer.of(suite.train(task)).answer();
      double[] points = Answers.constant(suite.heldOut(task), answer);
      scores.put(task.name(), Arrays.stream(points).average().orElse(0));
    }
    return scores;
  }
}
