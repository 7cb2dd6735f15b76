package ai.kindred.examples.adapters;

import ai.kindred.core.report.Column;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What routers of trained mixtures do: how even their weights are, how much the task decides, and
 * which have collapsed, have an idle expert, or have learnt nothing.
 */
record Routers() implements Experiment {

  private static final int SHOWN = 3;

  @Override
  public String name() {
    return "routers";
  }

  @Override
  public boolean watchesRouters() {
    return true;
  }

  private static String group(int rank) {
    return "budget of LoRA " + rank;
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (int rank : setting.config().budgets()) {
        Budget budget = setting.budget(rank);
        for (Method method : List.of(Method.MOLORA, Method.MOLORA_SD, Method.MODE)) {
          plan.add(setting.trial(group(rank), budget.closest(method), seed));
        }
      }
    }
    return plan;
  }

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) {
    Findings findings = new Findings("What routers do").text(RouterSlot.EXPLAINED);
    for (int rank : setting.config().budgets()) {
      Table table =
          Table.of(
              Column.text("method"),
              Column.number("seed", 0),
              Column.number("ROUGE-L", 1),
              Column.number("routers", 0),
              Column.number("entropy, % of even", 1),
              Column.number("told by task, %", 2),
              Column.number("collapsed", 0),
              Column.number("with an idle expert", 0),
              Column.number("not learnt", 0));
      List<Map<String, Object>> figures = new ArrayList<>();
      for (TrialResult r : results) {
        if (r.group().equals(group(rank))) {
          List<RouterSlot> slots = RouterSlot.of(r.routers());
          Map<String, Object> row = row(r, slots);
          table = table.row(row.values().stream().limit(9).toArray());
          row.put("alarms", alarms(slots));
          figures.add(row);
        }
      }
      findings.heading("Budget: LoRA of rank " + rank).table("Routers, all layers", table);
      for (TrialResult r : results) {
        if (r.group().equals(group(rank)) && r.seed() == setting.config().seeds().get(0)) {
          plots(findings, r);
        }
      }
      findings.figure(group(rank), figures);
    }
    return findings;
  }

  private static Map<String, Object> row(TrialResult r, List<RouterSlot> slots) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("method", r.method());
    row.put("seed", r.seed());
    row.put(
        "rouge_l",
        r.scores().values().stream()
            .mapToDouble(
                s -> IntStream.range(0, s.length).mapToDouble(i -> s[i]).average().orElse(0))
            .average()
            .orElse(0));
    row.put("routers", slots.size());
    row.put("entropy_percent", 100 * mean(slots, RouterSlot::evenness));
    row.put("task_percent", 100 * mean(slots, RouterSlot::toldByTask));
    row.put("collapsed", slots.stream().filter(RouterSlot::collapsed).count());
    row.put("idle", slots.stream().filter(RouterSlot::idle).count());
    row.put("not_learnt", slots.stream().filter(RouterSlot::notLearnt).count());
    return row;
  }

  private static double mean(List<RouterSlot> slots, ToDoubleFunction<RouterSlot> f) {
    return slots.stream().mapToDouble(f).average().orElse(0);
  }

  private static List<String> alarms(List<RouterSlot> slots) {
    return slots.stream()
        .filter(s -> s.collapsed() || s.idle())
        .map(s -> s.name() + (s.collapsed() ? ": collapsed" : ": an idle expert"))
        .toList();
  }

  /** The slots in which tasks differ most, and all slots' evenness along the model. */
  private static void plots(Findings findings, TrialResult r) {
    List<RouterSlot> slots = RouterSlot.of(r.routers());
    slots.stream()
        .sorted(Comparator.comparingDouble(RouterSlot::toldByTask).reversed())
        .limit(SHOWN)
        .forEach(
            s ->
                findings.plot(
                    "%s: weights by task where tasks differ most".formatted(r.method()), s.plot()));
    Map<String, List<RouterSlot>> byPath = new LinkedHashMap<>();
    slots.forEach(s -> byPath.computeIfAbsent(s.path(), p -> new ArrayList<>()).add(s));
    findings.plot(
        r.method() + ": along the model",
        new Plot.Bars(
            r.method() + ", percent",
            "percent",
            List.copyOf(byPath.keySet()),
            List.of(
                Plot.Series.of(
                    "entropy of even",
                    byPath.values().stream()
                        .mapToDouble(s -> 100 * mean(s, RouterSlot::evenness))
                        .toArray()),
                Plot.Series.of(
                    "told by task",
                    byPath.values().stream()
                        .mapToDouble(s -> 100 * mean(s, RouterSlot::toldByTask))
                        .toArray()))));
  }
}
