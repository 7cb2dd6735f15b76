package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tables, plots and figures that several experiments have in common.
 *
 * @param tasks names of the tasks they are about
 * @param key what intervals and tests draw from
 */
record Tables(List<String> tasks, Key key) {

  Tables {
    tasks = List.copyOf(tasks);
  }

  /** What every page says about its intervals and tests. */
  static final String EXPLAINED =
      "ROUGE-L F with stemming against the best reference, in points of 100, mean over tasks. "
          + "Held-out loss: nats a token of the reference answer, mean over an instance's tokens, "
          + "instances and tasks. Intervals: 95 % bootstrap, seeds and held-out instances drawn anew, for these tasks. "
          + "p (instances), p (tasks): two-sided sign-flip tests of the mean difference; the first "
          + "takes the trainings as they are. A win is a higher mean on a task over all seeds, a "
          + "tie half a win; p (wins): a fair coin wins so often or oftener. p is not corrected "
          + "for the number of pairs.";

  /** A row a method: what it adds and what it reaches; the first method's size is the budget. */
  Table methods(List<Measured> methods) {
    return methods(methods, "off budget, %", methods.get(0).parameters());
  }

  /**
   * A row a method.
   *
   * @param off heading of the column that sets its size against another
   * @param parameters that other size
   */
  Table methods(List<Measured> methods, String off, long parameters) {
    Table table =
        Table.of(
            Column.text("method"),
            Column.number("added", 0),
            Column.number(off, 2),
            Column.number("of all, %", 2),
            Column.number("as the paper counts, %", 1),
            Column.number("ROUGE-L [95 %]", 1),
            Column.text("each seed"),
            Column.number("held-out loss [95 %]", 3));
    for (Measured m : methods) {
      table =
          table.row(
              m.method(),
              m.parameters(),
              100.0 * (m.parameters() - parameters) / parameters,
              m.percent(),
              m.published(),
              overall(m),
              seeds(m),
              overall(m.byLoss()));
    }
    return table;
  }

  private String seeds(Measured m) {
    return String.join(
        ", ",
        Arrays.stream(m.bySeed(tasks))
            .mapToObj(x -> String.format(Locale.ROOT, "%.1f", x))
            .toList());
  }

  Interval overall(Measured m) {
    return m.mean(
        tasks, CrossedBootstrap.of(key.fold("overall")), CrossedBootstrap.Weighting.BY_TASK);
  }

  /** A row a task, a column a method. */
  Table byTask(List<Measured> methods) {
    List<Column> columns = new ArrayList<>(List.of(Column.text("task")));
    methods.forEach(m -> columns.add(Column.number(m.method(), 1)));
    Table table = Table.of(columns.toArray(Column[]::new));
    for (String task : tasks) {
      List<Object> row = new ArrayList<>(List.of(task));
      methods.forEach(m -> row.add(m.mean(task)));
      table = table.row(row.toArray());
    }
    return table;
  }

  /** Every later method against every earlier one. */
  List<Duel> duels(List<Measured> methods) {
    List<Duel> duels = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      for (int j = 0; j < i; j++) {
        duels.add(
            Duel.of(methods.get(i), methods.get(j), tasks, key.fold("duels").fold(i).fold(j)));
      }
    }
    return duels;
  }

  /** A row a pair. */
  static Table table(List<Duel> duels) {
    Table table =
        Table.of(
            Column.text("pair"),
            Column.number("difference [95 %]", 1),
            Column.number("of loss [95 %]", 3),
            Column.number("p (instances)", 3),
            Column.number("p (tasks)", 3),
            Column.text("won-tied-lost"),
            Column.number("wins, %", 0),
            Column.number("p (wins)", 3));
    for (Duel d : duels) {
      table =
          table.row(
              d.first() + " > " + d.second(),
              d.difference(),
              d.ofLoss(),
              d.byInstance(),
              d.byTask(),
              d.wins() + "-" + d.ties() + "-" + d.losses(),
              d.winRate(),
              d.chance());
    }
    return table;
  }

  /** Bars with intervals, one a method. */
  Plot bars(String title, List<Measured> methods) {
    return new Plot.Bars(
        title,
        "ROUGE-L",
        methods.stream().map(Measured::method).toList(),
        List.of(new Plot.Series("mean over tasks", methods.stream().map(this::overall).toList())));
  }

  /** For {@code results.json}. */
  Map<String, Object> figures(List<Measured> methods) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Measured m : methods) {
      Map<String, Object> row = new LinkedHashMap<>();
      Interval overall = overall(m);
      row.put("parameters", m.parameters());
      row.put("percent", m.percent());
      row.put("paper_percent", m.published());
      row.put("rouge_l", overall.estimate());
      row.put("low", overall.low());
      row.put("high", overall.high());
      row.put("seeds", m.bySeed(tasks));
      if (m.losses().values().stream().noneMatch(Map::isEmpty)) {
        Interval loss = overall(m.byLoss());
        row.put("loss", loss.estimate());
        row.put("loss_low", loss.low());
        row.put("loss_high", loss.high());
      }
      Map<String, Double> byTask = new LinkedHashMap<>();
      tasks.forEach(task -> byTask.put(task, m.mean(task)));
      row.put("tasks", byTask);
      all.put(m.method(), row);
    }
    return all;
  }
}
