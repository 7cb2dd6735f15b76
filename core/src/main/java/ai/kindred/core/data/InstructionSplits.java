package ai.kindred.core.data;

import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which instances of each task are for training, validation and the held-out evaluation. Instances
 * with the same input text (white space apart) always fall into the same split. The record holds
 * ids only: written into a run record as it is, it gives the same split back.
 *
 * @param tasks ids by task name
 */
public record InstructionSplits(Map<String, Ids> tasks) {

  /** The ids of one task; no id twice. */
  public record Ids(List<String> train, List<String> validation, List<String> heldOut) {

    /** Checks that no id occurs twice. */
    public Ids {
      train = List.copyOf(train);
      validation = List.copyOf(validation);
      heldOut = List.copyOf(heldOut);
      Set<String> seen = new HashSet<>();
      for (List<String> split : List.of(train, validation, heldOut)) {
        for (String id : split) {
          if (!seen.add(id)) {
            throw new IllegalArgumentException("instance " + id + " is in the splits twice");
          }
        }
      }
    }
  }

  /** Keeps the order of the tasks. */
  public InstructionSplits {
    tasks = Collections.unmodifiableMap(new LinkedHashMap<>(tasks));
  }

  /**
   * Splits every task. A task's split depends on its own instances, the sizes and the key, not on
   * the other tasks.
   *
   * @throws IllegalArgumentException where a task is too small for the counts
   */
  public static InstructionSplits of(List<InstructionTask> tasks, SplitSizes sizes, Key key) {
    Map<String, Ids> result = new LinkedHashMap<>();
    for (InstructionTask task : tasks) {
      if (result.put(task.name(), split(task, sizes, key.fold(task.name()))) != null) {
        throw new IllegalArgumentException("two tasks are called " + task.name());
      }
    }
    return new InstructionSplits(result);
  }

  /** The training instances of a task, in the split's order. */
  public List<Instance> train(InstructionTask task) {
    return pick(task, ids(task).train());
  }

  /** The validation instances of a task, in the split's order. */
  public List<Instance> validation(InstructionTask task) {
    return pick(task, ids(task).validation());
  }

  /** The held-out instances of a task, in the split's order. */
  public List<Instance> heldOut(InstructionTask task) {
    return pick(task, ids(task).heldOut());
  }

  private static Ids split(InstructionTask task, SplitSizes sizes, Key key) {
    Map<String, List<String>> byInput = new LinkedHashMap<>();
    for (Instance instance : task.instances()) {
      byInput
          .computeIfAbsent(InputText.normalize(instance.input()), input -> new ArrayList<>())
          .add(instance.id());
    }
    List<List<String>> groups = new ArrayList<>(byInput.values());
    List<List<String>> left = new ArrayList<>();
    if (!groups.isEmpty()) {
      KeyedPermutation order = new KeyedPermutation(groups.size(), key);
      for (int i = 0; i < groups.size(); i++) {
        left.add(groups.get((int) order.at(i)));
      }
    }
    SplitSizes.Counts counts = sizes.of(task.instances().size());
    List<String> heldOut = take(left, counts.heldOut());
    List<String> validation = take(left, counts.validation());
    List<String> train = take(left, counts.train());
    boolean exact = heldOut.size() == counts.heldOut() && validation.size() == counts.validation();
    boolean counted = sizes instanceof SplitSizes.Counts;
    if ((counted && !exact) || (counts.train() > 0 && train.isEmpty())) {
      throw new IllegalArgumentException(
          String.format(
              "task %s has %d instances with %d different inputs, too few for %d held-out, %d"
                  + " validation and at least one training instance",
              task.name(),
              task.instances().size(),
              groups.size(),
              counts.heldOut(),
              counts.validation()));
    }
    return new Ids(train, validation, heldOut);
  }

  /** Takes whole groups from the front, passing over those that do not fit any more. */
  private static List<String> take(List<List<String>> groups, int count) {
    List<String> taken = new ArrayList<>();
    List<List<String>> rest = new ArrayList<>();
    for (List<String> group : groups) {
      if (taken.size() <= count - group.size()) {
        taken.addAll(group);
      } else {
        rest.add(group);
      }
    }
    groups.clear();
    groups.addAll(rest);
    return taken;
  }

  private Ids ids(InstructionTask task) {
    Ids ids = tasks.get(task.name());
    if (ids == null) {
      throw new IllegalArgumentException(
          "the splits have no task " + task.name() + ", only " + tasks.keySet());
    }
    return ids;
  }

  private static List<Instance> pick(InstructionTask task, List<String> ids) {
    Map<String, Instance> byId =
        task.instances().stream().collect(Collectors.toMap(Instance::id, instance -> instance));
    List<Instance> result = new ArrayList<>();
    for (String id : ids) {
      Instance instance = byId.get(id);
      if (instance == null) {
        throw new IllegalArgumentException(
            "task "
                + task.name()
                + " has no instance "
                + id
                + ": the splits were made from other data");
      }
      result.add(instance);
    }
    return result;
  }
}
