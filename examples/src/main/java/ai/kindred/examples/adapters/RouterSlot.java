package ai.kindred.examples.adapters;

import ai.kindred.core.report.Plot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One router (one slot of a routed adapter) over all tasks.
 *
 * @param path of the adapter
 * @param slot which of its slots
 * @param weights mean weights of the experts, by task; each sums to one
 * @param entropies mean entropy over tokens and the adapter's slots by task, in nats
 */
record RouterSlot(
    String path, int slot, Map<String, List<Double>> weights, Map<String, Double> entropies) {

  /** What the figures mean. */
  static final String EXPLAINED =
      "Entropy: of a token's weights, mean over tokens and tasks, in percent of that of even"
          + " weights. Told by task: the mutual information of expert and task, an expert drawn by"
          + " the mean weights of a task, in percent of log(experts): 0 where every task uses the"
          + " experts alike. Collapsed: one expert has a mean weight above 0.9 over all tasks."
          + " Idle: an expert has below a tenth of its even share on every task. Not learnt: the"
          + " entropy is above 99.9 % of even and the task tells below 0.01 %.";

  private static final double COLLAPSED = 0.9;
  private static final double IDLE = 0.1;
  private static final double EVEN = 0.999;
  private static final double NOTHING = 1e-4;

  /** Every slot of every router of a trial. */
  static List<RouterSlot> of(List<TrialResult.Routed> rows) {
    Map<String, List<TrialResult.Routed>> byPath = new LinkedHashMap<>();
    rows.forEach(r -> byPath.computeIfAbsent(r.path(), p -> new ArrayList<>()).add(r));
    List<RouterSlot> all = new ArrayList<>();
    byPath.forEach(
        (path, own) -> {
          Map<String, Double> entropies = new LinkedHashMap<>();
          own.forEach(r -> entropies.put(r.task(), r.entropy()));
          for (int k = 0; k < own.get(0).weights().size(); k++) {
            Map<String, List<Double>> weights = new LinkedHashMap<>();
            for (TrialResult.Routed r : own) {
              weights.put(r.task(), r.weights().get(k));
            }
            all.add(new RouterSlot(path, k, weights, entropies));
          }
        });
    return all;
  }

  String name() {
    return path + ", slot " + slot;
  }

  int experts() {
    return weights.values().iterator().next().size();
  }

  /** Mean weights over tasks. */
  double[] mean() {
    return IntStream.range(0, experts())
        .mapToDouble(i -> weights.values().stream().mapToDouble(w -> w.get(i)).average().orElse(0))
        .toArray();
  }

  /** Mean entropy of a token's weights, as a share of that of even weights. */
  double evenness() {
    double mean = entropies.values().stream().mapToDouble(e -> e).average().orElse(0);
    return mean / Math.log(experts());
  }

  /** Mutual information of expert and task, tasks equally likely, as a share of log(experts). */
  double toldByTask() {
    double within = 0;
    for (List<Double> w : weights.values()) {
      within += entropy(w.stream().mapToDouble(x -> x).toArray()) / weights.size();
    }
    return Math.max(0, entropy(mean()) - within) / Math.log(experts());
  }

  private static double entropy(double[] weights) {
    double sum = 0;
    for (double w : weights) {
      sum -= w > 0 ? w * Math.log(w) : 0;
    }
    return sum;
  }

  /** Whether one expert has taken over. */
  boolean collapsed() {
    for (double w : mean()) {
      if (w > COLLAPSED) {
        return true;
      }
    }
    return false;
  }

  /** Whether an expert has next to no weight on any task. */
  boolean idle() {
    return IntStream.range(0, experts())
        .anyMatch(i -> weights.values().stream().allMatch(w -> w.get(i) < IDLE / experts()));
  }

  /** Whether tokens and tasks are all treated alike. */
  boolean notLearnt() {
    return evenness() > EVEN && toldByTask() < NOTHING;
  }

  /** Weights, a row a task. */
  Plot plot() {
    return new Plot.HeatMap(
        "Mean router weights by task: " + name(),
        List.copyOf(weights.keySet()),
        IntStream.range(0, experts()).mapToObj(i -> "expert " + i).toList(),
        List.copyOf(weights.values()),
        2);
  }
}
