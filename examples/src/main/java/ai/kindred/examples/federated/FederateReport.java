package ai.kindred.examples.federated;

import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Origin;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.Table;
import ai.kindred.core.train.Event;
import ai.kindred.examples.federated.Federation.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Table and page of a federated run. */
record FederateReport(Federation job, Outcome outcome) {

  /** A row for each model and set of clients: accuracy over predictions, then over clients. */
  static Table table(Outcome outcome) {
    Table table =
        Table.of(
            Column.text("measured on"),
            Column.number("accuracy", 1),
            Column.number("client mean", 1),
            Column.number("p5", 1),
            Column.number("p25", 1),
            Column.number("median", 1),
            Column.number("p75", 1),
            Column.number("p95", 1));
    table = row(table, "held out", outcome.heldOut());
    table = row(table, "new clients", outcome.unparticipating());
    return row(table, "centralised", outcome.centralised());
  }

  private static Table row(Table table, String name, @Nullable ClientAccuracy a) {
    return a == null
        ? table
        : table.row(
            name,
            a.accuracy(),
            a.clientMean(),
            a.percentile5(),
            a.percentile25(),
            a.median(),
            a.percentile75(),
            a.percentile95());
  }

  /** The same as a tree for the run's record and {@code --json}. */
  static Map<String, Object> results(Federation job, Outcome outcome) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("metric", "accuracy in percent");
    all.put("clients", outcome.clients());
    all.put("held_out", numbers(outcome.heldOut()));
    ClientAccuracy never = outcome.unparticipating();
    if (never != null) {
      all.put("new_clients", numbers(never));
    }
    ClientAccuracy pooled = outcome.centralised();
    if (pooled != null) {
      all.put("centralised", numbers(pooled));
    }
    Double epsilon = outcome.epsilon();
    if (epsilon != null) {
      all.put("epsilon", epsilon);
      all.put("delta", job.config().delta());
    }
    all.put("rounds", job.config().rounds());
    all.put("report", report(job).toString());
    return all;
  }

  private static Map<String, Object> numbers(ClientAccuracy accuracy) {
    Map<String, Object> numbers = new LinkedHashMap<>(accuracy.numbers());
    numbers.put("clients", accuracy.clients());
    numbers.put("predictions", accuracy.predictions());
    return numbers;
  }

  static Path report(Federation job) {
    return job.out().resolve("report.html");
  }

  /** Table, privacy and where things lie, for people. */
  String text() {
    Double epsilon = outcome.epsilon();
    String privacy =
        epsilon == null
            ? ""
            : String.format(
                Locale.ROOT,
                "privacy  epsilon %.2f at delta %s for a client, if cohorts are drawn as simulated%n",
                epsilon,
                job.config().delta());
    return table(outcome).text() + privacy + "report   " + report(job);
  }

  void write() throws IOException {
    RunRecord run = RunRecord.read(job.out());
    FederateConfig config = job.config();
    List<Plot.Curve> accuracy = new ArrayList<>(List.of(band(run.events("eval"), "federated")));
    List<Plot.Curve> sorted = new ArrayList<>(List.of(sorted("federated", outcome.heldOut())));
    ClientAccuracy pooled = outcome.centralised();
    if (pooled != null) {
      RunRecord beside = RunRecord.read(job.out().resolve("centralised"));
      accuracy.add(new Plot.Curve("centralised", beside.curve("eval", "accuracy").points()));
      sorted.add(sorted("centralised", pooled));
    }
    HtmlReport page =
        new HtmlReport(
                config.algorithm() + " on " + config.dataSet(),
                new Origin(job.command(), config.seed()))
            .facts(run.facts())
            .fact("Clients", outcome.clients().text())
            .heading("Accuracy on held-out examples")
            .text(
                "Every client holds out a fifth of its examples. Accuracy is over predictions, in percent; percentiles are over clients and interpolate linearly. The centralised model takes as many steps of as many examples on the pooled training examples as all clients of a round take together.")
            .table("After the last round", table(outcome))
            .plot(
                "On the way, on some of the clients; the band spans the 25th to 75th percentile of clients",
                new Plot.Lines("Accuracy", "round", "percent", accuracy, 1))
            .plot(
                "Clients from worst to best, after the last round",
                new Plot.Lines("Accuracy by client", "percent of clients", "percent", sorted, 1))
            .heading("Training")
            .plot(
                "Mean loss of the round's clients during their local training",
                new Plot.Lines("Loss", "round", "nats", List.of(run.curve("round", "loss")), 5));
    if (config.noise() > 0) {
      page =
          page.plot(
              "Epsilon so far, by the Renyi accountant",
              new Plot.Lines(
                  "Epsilon", "round", "epsilon", List.of(run.curve("round", "epsilon")), 1));
    }
    page.write(report(job));
  }

  private static Plot.Curve band(List<Event> events, String name) {
    return new Plot.Curve(
        name,
        events.stream()
            .map(
                e ->
                    new Plot.Point(
                        e.step(),
                        e.number("accuracy"),
                        e.number("client_p25"),
                        e.number("client_p75")))
            .toList());
  }

  private static Plot.Curve sorted(String name, ClientAccuracy accuracy) {
    double[] own = accuracy.sorted();
    int points = Math.min(own.length, 200);
    List<Plot.Point> curve = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      int at = points == 1 ? 0 : (int) ((long) i * (own.length - 1) / (points - 1));
      curve.add(new Plot.Point(100.0 * (at + 0.5) / own.length, own[at]));
    }
    return new Plot.Curve(name, curve);
  }
}
