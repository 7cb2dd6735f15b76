package ai.kindred.examples.finetune;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.report.Plot;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.peft.RouterStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Router weights by task. Experts of different slots and layers have nothing in common, so no mean
 * over them is shown: the plot is the one slot whose weights differ most from task to task.
 */
record RouterUse(TaskSuite suite, List<RouterStats.Router> routers, int experts) {

  private record Slot(String path, int slot, double spread) {}

  Plot.HeatMap plot() {
    Slot most = mostSpread();
    List<List<Double>> rows = new ArrayList<>();
    Map<Integer, RouterStats.Router> byTask = byPath().getOrDefault(most.path(), Map.of());
    for (int t = 0; t < suite.tasks().size(); t++) {
      rows.add(weights(byTask, t, most.slot()));
    }
    return new Plot.HeatMap(
        "Mean router weights by task: " + most.path() + ", slot " + most.slot(),
        suite.tasks().stream().map(InstructionTask::name).toList(),
        IntStream.range(0, experts).mapToObj(i -> "expert " + i).toList(),
        rows,
        2);
  }

  private static List<Double> weights(Map<Integer, RouterStats.Router> byTask, int task, int slot) {
    RouterStats.Router r = byTask.get(task);
    if (r == null) {
      throw new IllegalStateException("no router statistics of task " + task);
    }
    List<Double> row = new ArrayList<>();
    for (double w : r.weights()[slot]) {
      row.add(w);
    }
    return row;
  }

  private Map<String, Map<Integer, RouterStats.Router>> byPath() {
    Map<String, Map<Integer, RouterStats.Router>> byPath = new LinkedHashMap<>();
    routers.forEach(r -> byPath.computeIfAbsent(r.path(), p -> new TreeMap<>()).put(r.task(), r));
    return byPath;
  }

  private Slot mostSpread() {
    Slot best = new Slot("", 0, -1);
    for (Map.Entry<String, Map<Integer, RouterStats.Router>> e : byPath().entrySet()) {
      int slots = e.getValue().values().iterator().next().weights().length;
      for (int k = 0; k < slots; k++) {
        double spread = spread(e.getValue(), k);
        if (spread > best.spread()) {
          best = new Slot(e.getKey(), k, spread);
        }
      }
    }
    return best;
  }

  /** Sum over experts of the variance over tasks. */
  private double spread(Map<Integer, RouterStats.Router> byTask, int slot) {
    double spread = 0;
    for (int i = 0; i < experts; i++) {
      int expert = i;
      double mean =
          byTask.values().stream().mapToDouble(r -> r.weights()[slot][expert]).average().orElse(0);
      spread +=
          byTask.values().stream()
              .mapToDouble(
                  r -> (r.weights()[slot][expert] - mean) * (r.weights()[slot][expert] - mean))
              .average()
              .orElse(0);
    }
    return spread;
  }
}
