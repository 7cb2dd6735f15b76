package ai.kindred.core.report;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A page with everything a report can hold, from made figures. */
final class SampleReport {
  static final String HOSTILE =
      "</title></style><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">'\"&amp;";

  private static final List<String> TASKS =
      List.of(
          "sentiment of a review",
          "title generation",
          "question answering",
          "which film came first",
          "reverse the words of a sentence, with its punctuation",
          "next film");

  private SampleReport() {}

  static Plot.Curve noisy(String name, int points, double end) {
    var random = Key.of(3).fold(name).random();
    List<Plot.Point> out = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      double y = end + 3 * Math.exp(-i / (points / 6.0)) + random.nextDouble(-0.4, 0.4);
      out.add(new Plot.Point(i, y));
    }
    return new Plot.Curve(name, out);
  }

  private static Plot.Curve banded() {
    List<Plot.Point> out = new ArrayList<>();
    for (int i = 0; i <= 10; i++) {
      double y = 20 + 25 * (1 - Math.exp(-i / 3.0));
      out.add(new Plot.Point(i * 100, y, y - 4, y + 3));
    }
    return new Plot.Curve("held-out ROUGE-L", out);
  }

  static HtmlReport report() {
    Table scores =
        Table.of(
            Column.text("task"),
            Column.number("examples", 0),
            Column.number("before", 1),
            Column.number("after", 1),
            Column.number("commonest answer", 1));
    List<Interval> before = new ArrayList<>();
    List<Interval> after = new ArrayList<>();
    List<List<Double>> router = new ArrayList<>();
    for (int i = 0; i < TASKS.size(); i++) {
      var random = Key.of(4).fold(i).random();
      double b = random.nextDouble(5, 30);
      double a = b + random.nextDouble(5, 50);
      before.add(new Interval(b, b - 3, b + 4, 0.95));
      after.add(new Interval(a, a - 4, a + 2.5, 0.95));
      scores = scores.row(TASKS.get(i), 50, before.get(i), after.get(i), random.nextDouble(30));
      router.add(random.doubles(8, 0, 0.4).boxed().toList());
    }
    RunFacts facts =
        new RunFacts(
            "kindred finetune",
            7,
            RunStatus.DONE,
            "2026-01-02T10:00:00Z",
            "2026-01-02T10:03:20Z",
            1,
            Map.of("kindred", "0.1.0"),
            new GitState("0123456789abcdef0123456789abcdef01234567", true),
            List.of(new DataFile("tasks/task001.json", 1234, "ab".repeat(32))));
    return new HtmlReport("Many tasks, one model", facts.origin())
        .facts(facts)
        .fact("Model", "made figures, to look at the page")
        .heading("Scores")
        .text("Held-out ROUGE-L by task, with 95 % bootstrap intervals.")
        .table("Score by task", scores)
        .plot(
            "Score by task, before and after",
            new Plot.Bars(
                "ROUGE-L before and after",
                "ROUGE-L",
                TASKS,
                List.of(new Plot.Series("before", before), new Plot.Series("after", after))))
        .heading("Training")
        .plot(
            "Training loss",
            new Plot.Lines(
                "Training loss",
                "step",
                "loss (nats a token)",
                List.of(noisy("LoRA", 600, 1.2), noisy("MoDE", 600, 0.9)),
                25))
        .plot(
            "Held-out score during training",
            new Plot.Lines("Held-out score", "step", "ROUGE-L", List.of(banded()), 1),
            new Origin("kindred finetune --adapter lora --steps 1000", 8))
        .plot(
            "Router use: share of tokens by task and expert",
            new Plot.HeatMap(
                "Router use",
                TASKS,
                List.of("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"),
                router,
                2))
        .heading("Sample answers")
        .verbatim("Instruction: say which film came first.\nAnswer: The Third Man")
        .heading(HOSTILE)
        .text(HOSTILE)
        .verbatim(HOSTILE)
        .fact(HOSTILE, HOSTILE)
        .table(HOSTILE, Table.of(Column.text(HOSTILE)).row(HOSTILE), new Origin(HOSTILE, 1))
        .plot(
            HOSTILE,
            new Plot.Bars(
                HOSTILE,
                HOSTILE,
                List.of(HOSTILE),
                List.of(Plot.Series.of(HOSTILE, 1), Plot.Series.of(HOSTILE, -1))))
        .plot(
            HOSTILE,
            new Plot.Lines(
                HOSTILE,
                HOSTILE,
                HOSTILE,
                List.of(
                    new Plot.Curve(HOSTILE, List.of(new Plot.Point(1, Double.NaN))),
                    new Plot.Curve(
                        "huge", List.of(new Plot.Point(1, 1e308), new Plot.Point(2, 3)))),
                1))
        .plot(
            HOSTILE,
            new Plot.HeatMap(
                HOSTILE, List.of(HOSTILE), List.of(HOSTILE), List.of(List.of(1.0)), 1));
  }
}
