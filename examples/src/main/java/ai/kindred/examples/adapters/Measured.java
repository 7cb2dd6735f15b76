package ai.kindred.examples.adapters;

import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A method's scores within a group, from all its seeds; parts that count as one (an adapter a task)
 * are put together.
 *
 * @param parameters elements added in all, by one seed
 * @param percent of all parameters
 * @param published percent as the MoDE paper counts
 * @param scores by seed, then task: points of each held-out instance
 * @param losses by seed, then task: nats a target token of each held-out instance
 */
record Measured(
    String group,
    String method,
    long parameters,
    double percent,
    double published,
    Map<Long, Map<String, double[]>> scores,
    Map<Long, Map<String, double[]>> losses) {

  /** The methods of a group, in the order of their first results. */
  static List<Measured> of(List<TrialResult> results, String group) {
    Map<String, List<TrialResult>> byMethod = new LinkedHashMap<>();
    for (TrialResult r : results) {
      if (r.group().equals(group)) {
        byMethod.computeIfAbsent(r.method(), m -> new ArrayList<>()).add(r);
      }
    }
    List<Measured> all = new ArrayList<>();
    byMethod.forEach((method, own) -> all.add(of(group, method, own)));
    return all;
  }

  private static Measured of(String group, String method, List<TrialResult> own) {
    Map<Long, Map<String, double[]>> scores = new TreeMap<>();
    Map<Long, Map<String, double[]>> losses = new TreeMap<>();
    long first = own.get(0).seed();
    List<TrialResult> once = own.stream().filter(r -> r.seed() == first).toList();
    for (TrialResult r : own) {
      scores.computeIfAbsent(r.seed(), s -> new LinkedHashMap<>()).putAll(r.scores());
      losses.computeIfAbsent(r.seed(), s -> new LinkedHashMap<>()).putAll(r.losses());
    }
    return new Measured(
        group,
        method,
        once.stream().mapToLong(TrialResult::parameters).sum(),
        percent(once),
        once.stream().mapToDouble(TrialResult::published).sum(),
        scores,
        losses);
  }

  /** The same with held-out losses in the place of scores. */
  Measured byLoss() {
    return new Measured(group, method, parameters, percent, published, losses, losses);
  }

  /** All parts together in percent of themselves and the model. */
  private static double percent(List<TrialResult> parts) {
    long added = parts.stream().mapToLong(TrialResult::parameters).sum();
    TrialResult one = parts.get(0);
    double model = one.parameters() * (100 / one.percent() - 1);
    return added == 0 ? 0 : 100 * added / (added + model);
  }

  /** The results of a baseline. */
  static Measured baseline(List<TrialResult> results, String method) {
    return of(results, TrialResult.BASELINE).stream()
        .filter(m -> m.method().equals(method))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no results of the " + method));
  }

  int seeds() {
    return scores.size();
  }

  /** Points of a task: [seeds][instances]. */
  double[][] task(String task) {
    return scores.values().stream()
        .map(
            byTask -> {
              double[] points = byTask.get(task);
              if (points == null) {
                throw new IllegalStateException("no scores of " + method + " on " + task);
              }
              return points;
            })
        .toArray(double[][]::new);
  }

  /** Mean points of a task over seeds and instances. */
  double mean(String task) {
    return Arrays.stream(task(task)).flatMapToDouble(Arrays::stream).average().orElse(0);
  }

  /** Mean over tasks of each seed. */
  double[] bySeed(List<String> tasks) {
    return scores.values().stream()
        .mapToDouble(
            byTask ->
                tasks.stream()
                    .mapToDouble(
                        t ->
                            Arrays.stream(byTask.getOrDefault(t, new double[0]))
                                .average()
                                .orElse(0))
                    .average()
                    .orElse(0))
        .toArray();
  }

  /** Mean over tasks, seeds and instances. */
  Interval mean(
      List<String> tasks, CrossedBootstrap bootstrap, CrossedBootstrap.Weighting weighting) {
    return bootstrap.mean(tasks.stream().map(this::task).toList(), weighting);
  }
}
