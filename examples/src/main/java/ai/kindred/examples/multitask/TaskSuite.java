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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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
   * @param only tasks to use, each by its name or what stands before the name's first underscore;
   *     empty for all
   * @param seed of a folder's splits; the built-in suite has its own
   * @throws IllegalArgumentException if no task has instances enough, or one of {@code only} is not
   *     there
   */
  public static TaskSuite load(@Nullable Path folder, List<String> only, Sizes sizes, long seed)
      throws IOException {
    if (folder == null) {
      BuiltInSuite suite = BuiltInSuite.make();
      List<InstructionTask> tasks = first(chosen(suite.tasks(), only), sizes);
      return new TaskSuite("built-in suite", tasks, suite.splits(), sizes);
    }
    int needed = sizes.heldOut() * 2;
    List<InstructionTask> all =
        chosen(InstructionTasks.load(folder).train(), only).stream()
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

  private static List<InstructionTask> chosen(List<InstructionTask> all, List<String> only) {
    for (String name : only) {
      if (all.stream().noneMatch(task -> isCalled(task, name))) {
        throw new IllegalArgumentException("no task is called " + name);
      }
    }
    return only.isEmpty()
        ? all
        : all.stream().filter(t -> only.stream().anyMatch(name -> isCalled(t, name))).toList();
  }

  private static boolean isCalled(InstructionTask task, String name) {
    return task.name().equals(name) || task.name().startsWith(name + "_");
  }

  /**
   * The suite to choose settings by: held out are its validation instances, or, where it has none,
   * every tenth train instance, which is then not trained on. The suite's own held-out instances
   * are in neither part.
   */
  public TaskSuite development() {
    Map<String, InstructionSplits.Ids> ids = new LinkedHashMap<>();
    for (InstructionTask task : tasks) {
      List<String> validation = splits.validation(task).stream().map(Instance::id).toList();
      List<String> all = train(task).stream().map(Instance::id).toList();
      List<String> kept =
          validation.isEmpty()
              ? IntStream.range(0, all.size()).filter(i -> i % 10 == 1).mapToObj(all::get).toList()
              : validation;
      List<String> train = all.stream().filter(id -> !kept.contains(id)).toList();
      ids.put(task.name(), new InstructionSplits.Ids(train, List.of(), kept));
    }
    return new TaskSuite(name + ", development", tasks, new InstructionSplits(ids), sizes);
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
