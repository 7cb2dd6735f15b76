package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Table;
import ai.kindred.examples.multitask.TaskSuite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which learning rate each kind of adapter is best trained at. A comparison at one rate is decided
 * by the rate: a mixture starts with every expert at a weight of 1/m, so that at LoRA's rate what
 * it computes changes more slowly. Judged by the loss on instances for choosing settings, from
 * seeds that the comparison does not use; nothing that is reported is looked at.
 *
 * @param tried learning rates
 */
record Rates(List<Double> tried) implements Experiment {

  Rates {
    tried = List.copyOf(tried);
    tried.forEach(rate -> ExperimentConfig.requireRate("--tried", rate));
    if (tried.isEmpty() || new HashSet<>(tried).size() < tried.size()) {
      throw new IllegalArgumentException("--tried has no rate, or one twice: " + tried);
    }
  }

  @Override
  public String name() {
    return "rates";
  }

  @Override
  public boolean answers() {
    return false;
  }

  @Override
  public TaskSuite suite(TaskSuite asked) {
    return asked.development();
  }

  private static String group(int budget, double rate) {
    return Compare.group(budget) + ", rate " + rate;
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (int rank : setting.config().budgets()) {
        Budget budget = setting.budget(rank);
        for (Method method : Method.values()) {
          for (double rate : tried) {
            plan.add(setting.trial(group(rank, rate), budget.closest(method), seed, rate));
          }
        }
      }
    }
    return plan;
  }

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) {
    Key key = Key.of(setting.config().seeds().get(0)).fold("findings");
    Tables tables = new Tables(setting.seen(), key);
    Findings findings =
        new Findings("Learning rates")
            .text(
                "Loss on instances kept for choosing settings, nats a token of the answer, mean"
                    + " over tasks. Intervals: 95 % bootstrap, seeds and instances drawn anew.");
    for (int rank : setting.config().budgets()) {
      List<Column> columns = new ArrayList<>(List.of(Column.text("method")));
      tried.forEach(rate -> columns.add(Column.number("rate " + rate, 3)));
      columns.add(Column.text("best"));
      Table table = Table.of(columns.toArray(Column[]::new));
      Map<String, Double> best = new LinkedHashMap<>();
      Map<String, Object> losses = new LinkedHashMap<>();
      for (Method method : Method.values()) {
        Map<Double, Interval> byRate = losses(setting, results, rank, method, tables);
        double least =
            byRate.entrySet().stream()
                .min(Comparator.comparingDouble(e -> e.getValue().estimate()))
                .orElseThrow()
                .getKey();
        List<Object> row = new ArrayList<>(List.of(label(setting, rank, method)));
        row.addAll(byRate.values());
        row.add(String.valueOf(least));
        table = table.row(row.toArray());
        best.put(method.option(), least);
        losses.put(label(setting, rank, method), byRate);
      }
      findings
          .heading("Budget: LoRA of rank " + rank)
          .table("Loss at each rate", table)
          .text("--rates " + option(best))
          .figure(Compare.group(rank), Map.of("best", best, "losses", losses));
    }
    return findings;
  }

  private static String label(Setting setting, int rank, Method method) {
    return setting.budget(rank).closest(method).label();
  }

  private static String option(Map<String, Double> best) {
    return best.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }

  private Map<Double, Interval> losses(
      Setting setting, List<TrialResult> results, int rank, Method method, Tables tables) {
    Map<Double, Interval> byRate = new LinkedHashMap<>();
    String label = label(setting, rank, method);
    for (double rate : tried) {
      Measured.of(results, group(rank, rate)).stream()
          .filter(m -> m.method().equals(label))
          .forEach(m -> byRate.put(rate, tables.overall(m.byLoss())));
    }
    return byRate;
  }
}
