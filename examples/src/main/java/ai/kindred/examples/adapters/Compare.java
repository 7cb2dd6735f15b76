package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * LoRA, MoLORA, MoLORA-SD and MoDE at equal added parameters, after tables 2 and 3 of the MoDE
 * paper (arXiv:2408.01505): shapes whose ordinary parameter counts come closest to each budget,
 * scores, tests in pairs, win rates over tasks; and what tasks gain that were left out of training.
 */
record Compare() implements Experiment {

  @Override
  public String name() {
    return "compare";
  }

  static String group(int rank) {
    return "budget of LoRA " + rank;
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (int rank : setting.config().budgets()) {
        Budget budget = setting.budget(rank);
        for (Method method : Method.values()) {
          plan.add(setting.trial(group(rank), budget.closest(method), seed));
        }
      }
    }
    return plan;
  }

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) {
    Key key = Key.of(setting.config().seeds().get(0)).fold("findings");
    Tables tables = new Tables(setting.seen(), key);
    Findings findings = new Findings("Adapters at equal parameters").text(Tables.EXPLAINED);
    List<Measured> baselines =
        List.of(
            Measured.baseline(results, TrialResult.BASE),
            Measured.baseline(results, TrialResult.COMMONEST));
    findings.figure("baselines", tables.figures(baselines));
    for (int rank : setting.config().budgets()) {
      List<Measured> methods = Measured.of(results, group(rank));
      List<Duel> duels = tables.duels(methods);
      List<Measured> all = new ArrayList<>(baselines);
      all.addAll(methods);
      findings
          .heading(
              "Budget: LoRA of rank %d, %,d parameters"
                  .formatted(rank, methods.get(0).parameters()))
          .table("Methods", tables.methods(methods))
          .plot("Mean over tasks", tables.bars("ROUGE-L", methods))
          .table("Pairs", Tables.table(duels))
          .table("Tasks", tables.byTask(all));
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("methods", tables.figures(methods));
      figures.put("pairs", duels.stream().map(Duel::figures).toList());
      if (!setting.unseen().isEmpty()) {
        figures.put("unseen", unseen(findings, setting, methods, baselines.get(0), key));
      }
      findings.figure(group(rank), figures);
    }
    return findings;
  }

  /** Tasks that were left out of training, before and after. */
  private static Object unseen(
      Findings findings, Setting setting, List<Measured> methods, Measured base, Key key) {
    Tables tables = new Tables(setting.unseen(), key.fold("unseen"));
    List<Measured> all = new ArrayList<>(List.of(base));
    all.addAll(methods);
    List<Duel> gains =
        methods.stream()
            .map(m -> Duel.of(m, base, setting.unseen(), key.fold("unseen").fold(m.method())))
            .toList();
    findings
        .table("Tasks left out of training, before and after", tables.byTask(all))
        .table("Gains on tasks left out of training", Tables.table(gains));
    return Map.of(
        "methods", tables.figures(all), "gains", gains.stream().map(Duel::figures).toList());
  }
}
