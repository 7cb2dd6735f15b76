package ai.kindred.examples.adapters;

import ai.kindred.core.lm.LanguageModel;
import ai.kindred.examples.multitask.TaskSuite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A question about adapters: what to train for it, and what the results say. */
interface Experiment {

  /** The last word of its command. */
  String name();

  /** The trials, in the order in which they run. */
  List<Trial> plan(Setting setting);

  /** What the results of all trials and baselines say. */
  Findings findings(Setting setting, List<TrialResult> results) throws IOException;

  /** Whether trained adapters are kept, below {@code adapters}. */
  default boolean keepsAdapters() {
    return false;
  }

  /** Whether held-out instances are answered; their loss is always taken. */
  default boolean answers() {
    return true;
  }

  /** The tasks and splits that it works with, of those that the command line asked for. */
  default TaskSuite suite(TaskSuite asked) {
    return asked;
  }

  /** Whether the routers of trained adapters are watched. */
  default boolean watchesRouters() {
    return false;
  }

  /**
   * What every trial of an experiment shares.
   *
   * @param base the model that is adapted
   * @param suite all tasks, those left out of training included
   * @param unseen names of the tasks left out
   * @param out folder of the run
   */
  record Setting(
      LanguageModel base, TaskSuite suite, List<String> unseen, ExperimentConfig config, Path out) {

    /** Names of the tasks that are trained on. */
    List<String> seen() {
      return suite.names().stream().filter(name -> !unseen.contains(name)).toList();
    }

    /** A shape trained on all tasks that are not left out. */
    Trial trial(String group, Shape shape, long seed) {
      return trial(group, shape, seed, config.rate(shape.method()));
    }

    /** The same at a learning rate. */
    Trial trial(String group, Shape shape, long seed, double learningRate) {
      return new Trial(
          group,
          shape.label(),
          "",
          shape.config(config.where()),
          seed,
          seed,
          config.steps(),
          learningRate,
          seen(),
          suite.names());
    }

    /** What LoRA of a rank adds. */
    Budget budget(int rank) {
      return Budget.ofLora(base, config.where(), rank);
    }
  }
}
