package ai.kindred.examples.multitask;

import ai.kindred.core.data.InstructionSplits;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTasks;
import ai.kindred.core.data.SplitSizes;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.suite.BuiltInSuite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks and which of their instances are trained on, and which held out.
 *
 * @param name of the suite, for people
 * @param sizes how many instances of a task are used
 */
public record TaskSuite(
    String name, List<InstructionTask> tasks, InstructionSplits splits, Sizes sizes) {

  /**
   * How much of a suite is used.
   *
   * @param train instances of a task to train on at most
   * @param heldOut instances of a task to evaluate on
   * @param maxTasks tasks at most, in the order of their names; 0 for all
   */
  public record Sizes(int train, int heldOut, int maxTasks) {}

  /** Copies. */
  public TaskSuite {
    tasks = List.copyOf(tasks);
  }

  /**
   * The built-in suite, or the tasks of a folder that have instances enough.
   *
   * @param folder of tasks in Super-NaturalInstructions form or layout; null for the built-in suite
   * @param seed of a folder's splits; the built-in suite has its own
   * @throws IllegalArgumentException if no task has instances enough
   */
  public static TaskSuite load(@Nullable Path folder, Sizes sizes, long seed) throws IOException {
    if (folder == null) {
      BuiltInSuite suite = BuiltInSuite.make();
      return new TaskSuite("built-in suite", first(suite.tasks(), sizes), suite.splits(), sizes);
    }
    int needed = sizes.heldOut() * 2;
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
              + sizes.heldOut()
              + " held-out ones ask for");
    }
    List<InstructionTask> tasks = first(all, sizes);
    int fewest = tasks.stream().mapToInt(t -> t.instances().size()).min().orElse(0);
    // Inputs that occur twice stay on one side, so a few instances may be left over.
    int train = Math.min(sizes.train(), fewest - sizes.heldOut());
    InstructionSplits splits =
        InstructionSplits.of(
            tasks, new SplitSizes.Counts(train, 0, sizes.heldOut()), Key.of(seed).fold("splits"));
    return new TaskSuite(folder.toString(), tasks, splits, sizes);
  }

  private static List<InstructionTask> first(List<InstructionTask> tasks, Sizes sizes) {
    return sizes.maxTasks() == 0
        ? tasks
        : tasks.subList(0, Math.min(sizes.maxTasks(), tasks.size()));
  }

  /**
   * The suite with these tasks alone, in the suite's order.
   *
   * @throws IllegalArgumentException if one is not in the suite
   */
  public TaskSuite only(List<String> names) {
    Set<String> unknown = new LinkedHashSet<>(names);
    names().forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("the suite " + name + " has no tasks " + unknown);
    }
    List<InstructionTask> some = tasks.stream().filter(t -> names.contains(t.name())).toList();
    return new TaskSuite(name, some, splits, sizes);
  }

  /** The tasks' names, in order. */
  public List<String> names() {
    return tasks.stream().map(InstructionTask::name).toList();
  }

  /** The instances of a task to train on. */
  public List<Instance> train(InstructionTask task) {
    return most(splits.train(task), sizes.train());
  }

  /** The instances of a task to evaluate on. */
  public List<Instance> heldOut(InstructionTask task) {
    return most(splits.heldOut(task), sizes.heldOut());
  }

  /** Number of held-out instances of all tasks. */
  public long heldOut() {
    return tasks.stream().mapToLong(t -> heldOut(t).size()).sum();
  }

  private static List<Instance> most(List<Instance> all, int number) {
    return all.subList(0, Math.min(number, all.size()));
  }

  /**
   * The files that a run on a model and tasks depends on, for its record.
   *
   * @param tasks folder of tasks; null for the built-in suite
   */
  public static List<Path> files(Path model, @Nullable Path tasks) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path folder :
        tasks == null ? List.of(model) : List.of(model, tasks, tasks.resolve("tasks"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> inside = Files.list(folder)) {
          inside
              .filter(f -> f.toString().matches(".*\\.(json|safetensors|gguf)"))
              .sorted()
              .forEach(files::add);
        }
      }
    }
    return files;
  }
}
