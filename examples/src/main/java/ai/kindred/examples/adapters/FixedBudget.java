package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Table;
import ai.kindred.examples.adapters.CrossedBootstrap.Weighting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One small adapter a task against one that all tasks share, at the same parameters in all, after
 * table 6 of the MoDE paper; with and without the task that moves the mean most, every task the
 * same weight and every instance.
 *
 * <p>All get the same number of optimiser steps in all: each of T adapters of one task takes a T-th
 * of them. The paper does not say how it shared them out.
 *
 * @param rank of one task's own adapter; the shared ones may add T times what that adds
 */
record FixedBudget(int rank) implements Experiment {

  private static final String GROUP = "fixed budget";
  private static final String OWN = "LoRA a task";

  FixedBudget {
    if (rank < 1 || rank > 1024) {
      throw new IllegalArgumentException("--rank is 1 to 1024, not " + rank);
    }
  }

  @Override
  public String name() {
    return "fixed-budget";
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<String> tasks = setting.seen();
    Budget budget = setting.budget(rank * tasks.size());
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (String task : tasks) {
        plan.add(
            new Trial(
                GROUP,
                OWN,
                task,
                Shape.lora(rank).config(setting.config().where()),
                seed,
                seed,
                Math.max(1, setting.config().steps() / tasks.size()),
                setting.config().rate(Method.LORA),
                List.of(task),
                List.of(task)));
      }
      for (Shape shape : shapes(budget)) {
        plan.add(setting.trial(GROUP, shape, seed));
      }
    }
    return plan;
  }

  /** The shared adapters: of each kind several ways to spend the budget on experts and rank. */
  private static List<Shape> shapes(Budget budget) {
    List<Shape> shapes = new ArrayList<>();
    shapes.add(closest(budget, Method.LORA, 1));
    for (Method method : List.of(Method.MOLORA, Method.MOLORA_SD, Method.MODE)) {
      for (int m : new int[] {4, 8}) {
        shapes.add(closest(budget, method, m));
      }
    }
    return shapes;
  }

  private static Shape closest(Budget budget, Method method, int experts) {
    Shape best = new Shape(method, experts, 1, 1);
    for (int r = 1; ; r++) {
      Shape shape = new Shape(method, experts, r, method == Method.MODE ? 1 : r);
      if (Math.abs(budget.mismatch(shape)) < Math.abs(budget.mismatch(best))) {
        best = shape;
      }
      if (budget.parameters(shape) >= budget.parameters()) {
        return best;
      }
    }
  }

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) {
    Key key = Key.of(setting.config().seeds().get(0)).fold("findings");
    List<String> tasks = setting.seen();
    Tables tables = new Tables(tasks, key);
    List<Measured> methods = Measured.of(results, GROUP);
    String dominating = dominating(methods, tasks);
    List<String> rest = tasks.stream().filter(t -> !t.equals(dominating)).toList();
    List<Duel> duels = againstFirst(methods, tasks, key);
    List<Duel> without = rest.isEmpty() ? List.of() : againstFirst(methods, rest, key.fold("rest"));
    List<Measured> all = new ArrayList<>();
    all.add(Measured.baseline(results, TrialResult.BASE));
    all.add(Measured.baseline(results, TrialResult.COMMONEST));
    all.addAll(methods);
    Table means = means(methods, tasks, rest, key);
    Findings findings =
        new Findings("One adapter a task, or one for all")
            .text(Tables.EXPLAINED)
            .text(
                OWN
                    + ": "
                    + tasks.size()
                    + " adapters of rank "
                    + rank
                    + ", each trained on its own task for a "
                    + tasks.size()
                    + "th of the steps; its parameters are those of all of them. The task that"
                    + " moves the mean most, by the spread of the methods' means: "
                    + dominating)
            .table("Methods", tables.methods(methods))
            .plot("Mean over tasks", tables.bars("ROUGE-L", methods))
            .table("Means, with and without " + dominating, means)
            .table("Shared against one a task", Tables.table(duels));
    if (!without.isEmpty()) {
      findings.table("The same without " + dominating, Tables.table(without));
    }
    return findings
        .table("Tasks", tables.byTask(all))
        .figure("baselines", tables.figures(all.subList(0, 2)))
        .figure("methods", tables.figures(methods))
        .figure("dominating", dominating)
        .figure("pairs", duels.stream().map(Duel::figures).toList())
        .figure("pairs_without_dominating", without.stream().map(Duel::figures).toList());
  }

  private static List<Duel> againstFirst(List<Measured> methods, List<String> tasks, Key key) {
    return methods.subList(1, methods.size()).stream()
        .map(m -> Duel.of(m, methods.get(0), tasks, key.fold(m.method())))
        .toList();
  }

  /** The task on which the methods' means lie farthest apart. */
  static String dominating(List<Measured> methods, List<String> tasks) {
    Map<String, Double> spread = new LinkedHashMap<>();
    for (String task : tasks) {
      var means = methods.stream().mapToDouble(m -> m.mean(task)).summaryStatistics();
      spread.put(task, means.getMax() - means.getMin());
    }
    return spread.entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }

  private static Table means(
      List<Measured> methods, List<String> tasks, List<String> rest, Key key) {
    CrossedBootstrap bootstrap = CrossedBootstrap.of(key.fold("means"));
    Table table =
        Table.of(
            Column.text("method"),
            Column.number("by task", 1),
            Column.number("by instance", 1),
            Column.number("by task, without", 1),
            Column.number("by instance, without", 1));
    for (Measured m : methods) {
      List<Object> row = new ArrayList<>(List.of(m.method()));
      for (List<String> some : List.of(tasks, rest)) {
        for (Weighting weighting : Weighting.values()) {
          row.add(some.isEmpty() ? "" : m.mean(some, bootstrap, weighting));
        }
      }
      table = table.row(row.toArray());
    }
    return table;
  }
}
