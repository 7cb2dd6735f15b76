package ai.kindred.examples.finetune;

import ai.kindred.core.data.InstructionSplits;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTasks;
import ai.kindred.core.data.SplitSizes;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.suite.BuiltInSuite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks and which of their instances are trained on, and which held out. */
record TaskSuite(String name, List<InstructionTask> tasks, InstructionSplits splits) {

  /** The built-in suite, or the tasks of a folder that have instances enough. */
  static TaskSuite load(@Nullable Path folder, FineTuneConfig config) throws IOException {
    if (folder == null) {
      BuiltInSuite suite = BuiltInSuite.make();
      return new TaskSuite("built-in suite", first(suite.tasks(), config), suite.splits());
    }
    int needed = config.heldOutPerTask() * 2;
    List<InstructionTask> all =
        InstructionTasks.load(folder).train().stream()
            .filter(t -> t.instances().size() >= needed)
            .toList();
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "no task in "
              + folder
              + " has the "
              + needed
              + " instances that "
              + config.heldOutPerTask()
              + " held-out ones ask for");
    }
    List<InstructionTask> tasks = first(all, config);
    int fewest = tasks.stream().mapToInt(t -> t.instances().size()).min().orElse(0);
    // Inputs that occur twice stay on one side, so a few instances may be left over.
    int train = Math.min(config.trainPerTask(), fewest - config.heldOutPerTask());
    InstructionSplits splits =
        InstructionSplits.of(
            tasks,
            new SplitSizes.Counts(train, 0, config.heldOutPerTask()),
            Key.of(config.seed()).fold("splits"));
    return new TaskSuite(folder.toString(), tasks, splits);
  }

  private static List<InstructionTask> first(List<InstructionTask> tasks, FineTuneConfig config) {
    return config.maxTasks() == 0
        ? tasks
        : tasks.subList(0, Math.min(config.maxTasks(), tasks.size()));
  }

  List<Instance> train(InstructionTask task, int atMost) {
    List<Instance> all = splits.train(task);
    return all.subList(0, Math.min(atMost, all.size()));
  }

  List<Instance> heldOut(InstructionTask task, int atMost) {
    List<Instance> all = splits.heldOut(task);
    return all.subList(0, Math.min(atMost, all.size()));
  }
}
