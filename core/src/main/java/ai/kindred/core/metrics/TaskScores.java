package ai.kindred.core.metrics;

import ai.kindred.core.metrics.Bootstrap.Groups;
import ai.kindred.core.metrics.Bootstrap.Weighting;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Mean scores per task and overall.
 *
 * @param tasks each task's mean, in the order given
 * @param byExample overall mean in which every example counts the same
 * @param byTask overall mean in which every task counts the same
 */
public record TaskScores(Map<String, Interval> tasks, Interval byExample, Interval byTask) {

  /** Keeps the order of the tasks. */
  public TaskScores {
    tasks = Collections.unmodifiableMap(new LinkedHashMap<>(tasks));
  }

  /**
   * The table of scores by task name.
   *
   * @param groups {@code FIXED} for a statement about these tasks, {@code SAMPLED} about tasks like
   *     them (wider)
   */
  public static TaskScores of(Map<String, double[]> scores, Bootstrap bootstrap, Groups groups) {
    Map<String, Interval> tasks = new LinkedHashMap<>();
    scores.forEach((task, values) -> tasks.put(task, bootstrap.mean(values)));
    List<double[]> all = List.copyOf(scores.values());
    return new TaskScores(
        tasks,
        bootstrap.groupedMean(all, Weighting.BY_EXAMPLE, groups),
        bootstrap.groupedMean(all, Weighting.BY_GROUP, groups));
  }
}
