package ai.kindred.core.metrics;

import ai.kindred.core.metrics.Bootstrap.Groups;
import ai.kindred.core.metrics.Bootstrap.Weighting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Paired gains per task and overall.
 *
 * @param tasks each task's gain, in the order given
 * @param byExample overall gain in which every example counts the same
 * @param byTask overall gain in which every task counts the same
 */
public record TaskGains(Map<String, PairedGain> tasks, PairedGain byExample, PairedGain byTask) {

  /** Keeps the order of the tasks. */
  public TaskGains {
    tasks = Collections.unmodifiableMap(new LinkedHashMap<>(tasks));
  }

  /**
   * The table of gains from scores by task name; both maps hold the same tasks, each with the same
   * examples in the same order.
   *
   * @param groups {@code FIXED} for a statement about these tasks, {@code SAMPLED} about tasks like
   *     them (wider); the permutation tests always speak of these tasks
   */
  public static TaskGains of(
      Map<String, double[]> before,
      Map<String, double[]> after,
      Bootstrap bootstrap,
      PairedPermutation permutation,
      Groups groups) {
    if (!before.keySet().equals(after.keySet())) {
      throw new IllegalArgumentException(
          "gains need the same tasks: before " + before.keySet() + ", after " + after.keySet());
    }
    Map<String, PairedGain> tasks = new LinkedHashMap<>();
    List<double[]> first = new ArrayList<>();
    List<double[]> second = new ArrayList<>();
    before.forEach(
        (task, scores) -> {
          double[] later = after.getOrDefault(task, new double[0]);
          if (scores.length != later.length) {
            throw new IllegalArgumentException(
                "task "
                    + task
                    + ": "
                    + scores.length
                    + " scores before, "
                    + later.length
                    + " after");
          }
          tasks.put(task, PairedGain.of(scores, later, bootstrap, permutation));
          first.add(scores);
          second.add(later);
        });
    return new TaskGains(
        tasks,
        overall(first, second, bootstrap, permutation, Weighting.BY_EXAMPLE, groups),
        overall(first, second, bootstrap, permutation, Weighting.BY_GROUP, groups));
  }

  private static PairedGain overall(
      List<double[]> before,
      List<double[]> after,
      Bootstrap bootstrap,
      PairedPermutation permutation,
      Weighting weighting,
      Groups groups) {
    List<double[]> differences = new ArrayList<>();
    for (int t = 0; t < before.size(); t++) {
      differences.add(Samples.differences(before.get(t), after.get(t)));
    }
    int count = before.stream().mapToInt(scores -> scores.length).sum();
    double[] weighted = new double[count];
    int i = 0;
    for (double[] task : differences) {
      // So weighted that the plain mean of all entries is the overall gain.
      double weight =
          weighting == Weighting.BY_EXAMPLE
              ? 1
              : (double) count / ((double) differences.size() * task.length);
      for (double difference : task) {
        weighted[i++] = weight * difference;
      }
    }
    return new PairedGain(
        count,
        bootstrap.groupedMean(before, weighting, groups),
        bootstrap.groupedMean(after, weighting, groups),
        bootstrap.groupedMean(differences, weighting, groups),
        permutation.test(weighted));
  }
}
