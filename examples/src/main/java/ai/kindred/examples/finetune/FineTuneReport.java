package ai.kindred.examples.finetune;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.metrics.PairedGain;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.CurveObserver;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Origin;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.Table;
import ai.kindred.examples.multitask.Answers;
import ai.kindred.peft.RouterStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Table and page of a fine-tuning run. */
record FineTuneReport(FineTuning job, FineTuning.Result result) {

  private static final int SAMPLES = 3;
  private static final int ROUTED_EXAMPLES = 16;

  /**
   * A row a task and one over all: points before and after, the commonest answer, the gain with its
   * interval.
   */
  static Table table(FineTuning.Result result) {
    Table table =
        Table.of(
            Column.text("task"),
            Column.number("before", 1),
            Column.number("after", 1),
            Column.number("commonest", 1),
            Column.number("gain [95 %]", 1));
    for (Map.Entry<String, PairedGain> e : result.gains().tasks().entrySet()) {
      table =
          row(table, e.getKey(), e.getValue(), result.commonest().getOrDefault(e.getKey(), 0.0));
    }
    return row(table, "all tasks", result.gains().byTask(), meanCommonest(result));
  }

  private static double meanCommonest(FineTuning.Result result) {
    return result.commonest().values().stream().mapToDouble(d -> d).average().orElse(0);
  }

  private static Table row(Table table, String name, PairedGain gain, double commonest) {
    return table.row(
        name, gain.before().estimate(), gain.after().estimate(), commonest, gain.gain());
  }

  /** The same as a tree for the run's record and {@code --json}. */
  static Map<String, Object> results(FineTuning.Result result) {
    Map<String, Object> tasks = new LinkedHashMap<>();
    result
        .gains()
        .tasks()
        .forEach(
            (name, gain) ->
                tasks.put(name, gain(gain, result.commonest().getOrDefault(name, 0.0))));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("metric", "rougeL, stemmed, points of 100");
    all.put("all_tasks", gain(result.gains().byTask(), meanCommonest(result)));
    all.put("tasks", tasks);
    all.put("added_parameters", result.parameters().added());
    all.put("added_percent", result.parameters().percent());
    all.put("steps", result.trained().steps());
    all.put("best_step", result.trained().bestStep());
    all.put("ended", result.trained().end().name().toLowerCase(Locale.ROOT));
    all.put("adapter", result.adapter().toString());
    all.put("report", result.report().toString());
    return all;
  }

  private static Map<String, Object> gain(PairedGain g, double commonest) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("examples", g.count());
    row.put("before", g.before().estimate());
    row.put("after", g.after().estimate());
    row.put("commonest_answer", commonest);
    row.put("gain", g.gain().estimate());
    row.put("gain_low", g.gain().low());
    row.put("gain_high", g.gain().high());
    return row;
  }

  /** A few answers before and after, as text. */
  String samples() {
    StringBuilder text = new StringBuilder();
    for (InstructionTask task :
        result.suite().tasks().subList(0, Math.min(SAMPLES, result.suite().tasks().size()))) {
      Instance instance = result.suite().heldOut(task).get(0);
      text.append(task.name())
          .append(": ")
          .append(instance.input().strip().replace("\n", " / "))
          .append('\n');
      text.append("  right   ").append(instance.outputs().get(0)).append('\n');
      text.append("  before  ").append(answer(result.before(), task)).append('\n');
      text.append("  after   ").append(answer(result.after(), task)).append('\n');
    }
    return text.toString();
  }

  private static String answer(Answers answers, InstructionTask task) {
    List<String> texts = answers.texts().getOrDefault(task.name(), List.of(""));
    return texts.get(0).replace("\n", " / ");
  }

  void write(RunDirectory run, LanguageModel tuned, CurveObserver curve) throws IOException {
    HtmlReport page =
        new HtmlReport(
                "Fine-tuning on " + result.suite().name(),
                new Origin(job.command(), job.config().seed()))
            .facts(run.facts())
            .fact("Model", String.valueOf(job.model().getFileName()))
            .fact("Adapter", job.config().adapterConfig().toString())
            .fact(
                "Added parameters",
                "%,d (%.2f %%)"
                    .formatted(result.parameters().added(), result.parameters().percent()))
            .heading("Scores on held-out instances")
            .text(
                "ROUGE-L F with stemming against the best reference, in points of 100. Intervals are percentile bootstraps over examples of the paired gain.")
            .table("Before and after", table(result))
            .plot("Held-out ROUGE-L by task", bars())
            .heading("Training")
            .plot(
                "Loss of each step's batch",
                new Plot.Lines(
                    "Training loss", "step", "nats a token", List.of(curve.curve("loss")), 10));
    if (job.config().adapter() != FineTuneConfig.Kind.LORA) {
      page =
          page.heading("Router use")
              .plot(
                  "Mean weight of each expert by task, in the slot where tasks differ most",
                  routers(tuned));
    }
    page.heading("Sample answers").verbatim(samples()).write(result.report());
  }

  private Plot.Bars bars() {
    List<String> names = new ArrayList<>(result.gains().tasks().keySet());
    List<Interval> before = new ArrayList<>();
    List<Interval> after = new ArrayList<>();
    result
        .gains()
        .tasks()
        .values()
        .forEach(
            g -> {
              before.add(g.before());
              after.add(g.after());
            });
    return new Plot.Bars(
        "Held-out ROUGE-L",
        "points",
        names,
        List.of(new Plot.Series("before", before), new Plot.Series("after", after)));
  }

  /** What the routers do on each task's held-out prompts. */
  private Plot routers(LanguageModel tuned) {
    try (RouterStats stats = new RouterStats(tuned)) {
      for (int t = 0; t < result.suite().tasks().size(); t++) {
        InstructionTask task = result.suite().tasks().get(t);
        List<TokenizedExample> examples = new ArrayList<>();
        List<Instance> instances = result.suite().heldOut(task);
        for (Instance i : instances.subList(0, Math.min(ROUTED_EXAMPLES, instances.size()))) {
          int[] prompt =
              Answers.prompt(tuned.requireTokenizer(), task, i, tuned.config().maxPositions() - 1);
          examples.add(new TokenizedExample(prompt, new int[] {0}, t));
        }
        stats.add(PackedBatch.of(examples));
      }
      return new RouterUse(result.suite(), stats.routers(), job.config().experts()).plot();
    }
  }
}
