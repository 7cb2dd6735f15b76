package ai.kindred.examples.reliability;

import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.Table;
import ai.kindred.reliability.campaign.Claim;
import ai.kindred.reliability.campaign.Claims;
import ai.kindred.reliability.campaign.Measure;
import ai.kindred.reliability.campaign.Results;
import ai.kindred.reliability.campaign.Results.Row;
import ai.kindred.reliability.campaign.Strategy;
import ai.kindred.reliability.campaign.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tables, plots and verdicts of a campaign. */
final class CampaignReport {

  private static final int COLUMNS = 150;

  private final Results results;
  private final List<Row> rows;
  private final List<Claim> claims;

  CampaignReport(Results results) {
    this.results = results;
    this.rows = results.rows();
    this.claims = Claims.of(results);
  }

  /** As in the paper: a strategy a row, a rate a column, mean drop and deviation over seeds. */
  private Table drops(Subject subject) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("strategy"));
    columns.add(Column.number("memory %", 1));
    columns.add(Column.number("bits a weight", 1));
    columns.add(Column.number("no faults", 3));
    results.campaign().rates().forEach(r -> columns.add(Column.number(rate(r), 2)));
    Table table = new Table(columns, List.of());
    for (Strategy strategy : results.campaign().strategies()) {
      List<Row> own =
          rows.stream()
              .filter(r -> r.network().equals(subject) && r.strategy().equals(strategy))
              .toList();
      if (!own.isEmpty()) {
        List<Object> cells = new ArrayList<>();
        cells.add(strategy.name());
        cells.add(100 * strategy.space());
        cells.add(strategy.bitsPerWeight());
        own.forEach(r -> cells.add(drop(r)));
        table = table.row(cells.toArray());
      }
    }
    return table;
  }

  private static String drop(Row row) {
    boolean accuracy = row.network().plain().measure() == Measure.ACCURACY;
    String mean = accuracy ? "%.2f" : "%.4f";
    return row.drop().count() == 1
        ? positive(String.format(Locale.ROOT, mean, row.drop().mean()))
        : positive(String.format(Locale.ROOT, mean, row.drop().mean()))
            + String.format(Locale.ROOT, " ± " + mean, row.drop().standardDeviation());
  }

  private static String positive(String number) {
    return number.matches("-0\\.0*") ? number.substring(1) : number;
  }

  private static String rate(double rate) {
    return String.format(Locale.ROOT, "%.0e", rate).replace("e-0", "e-");
  }

  private Table details(Subject subject) {
    boolean accuracy = subject.plain().measure() == Measure.ACCURACY;
    Table table =
        Table.of(
            Column.text("strategy"),
            Column.text("rate"),
            Column.number(accuracy ? "accuracy, %" : "perplexity", 2),
            Column.number("mean drop, 95 %", accuracy ? 2 : 4),
            Column.number("flipped", 1),
            Column.number("corrected", 1),
            Column.number("detected", 1),
            Column.number("silent", 1),
            Column.number("weights wrong", 1));
    for (Row r : rows) {
      if (r.network().equals(subject) && r.rate() > 0) {
        table =
            table.row(
                r.strategy().name(),
                rate(r.rate()),
                accuracy ? r.value() : Math.exp(r.value()),
                r.interval(),
                r.flipped(),
                r.corrected(),
                r.detected(),
                r.silent(),
                r.wrong());
      }
    }
    return table;
  }

  private Table verdicts() {
    Table table =
        Table.of(
            Column.text("claim"),
            Column.text("network"),
            Column.text("verdict"),
            Column.text("measured"),
            Column.text("rule"));
    for (Claim c : claims) {
      table = table.row(c.text(), c.network(), c.verdict(), c.measured(), c.rule());
    }
    return table;
  }

  /** Curves of strategies that are alike, so that colours tell them apart. */
  private Map<String, Plot> plots(Subject subject) {
    Map<String, List<Plot.Curve>> groups = new LinkedHashMap<>();
    for (Strategy strategy : results.campaign().strategies()) {
      List<Plot.Point> points =
          rows.stream()
              .filter(r -> r.network().equals(subject) && r.strategy().equals(strategy))
              .filter(r -> r.rate() > 0)
              .map(
                  r ->
                      new Plot.Point(
                          Math.log10(r.rate()),
                          r.value(),
                          r.value() - r.drop().standardDeviation(),
                          r.value() + r.drop().standardDeviation()))
              .toList();
      if (!points.isEmpty()) {
        String group =
            strategy.form().bits() < Byte.SIZE
                ? "four bits and fewer"
                : strategy.space() > 0 || strategy.name().equals(Strategy.NONE)
                    ? "int8, check bits beside"
                    : "int8, in place";
        groups
            .computeIfAbsent(group, g -> new ArrayList<>())
            .add(new Plot.Curve(strategy.name(), points));
      }
    }
    Map<String, Plot> plots = new LinkedHashMap<>();
    groups.forEach(
        (group, curves) ->
            plots.put(
                group,
                new Plot.Lines(
                    subject.name() + ": " + group,
                    "log10 of flipped bits over all bits",
                    subject.plain().measure().title(),
                    curves,
                    1)));
    return plots;
  }

  /** For a terminal. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Subject subject : results.campaign().subjects()) {
      text.append("\n== ").append(subject.name()).append(" ==\n").append(caption(subject));
      text.append('\n').append(drops(subject).text(COLUMNS));
    }
    text.append("\n== the paper's claims ==\n").append(verdicts().text(COLUMNS));
    return text.toString().strip();
  }

  /** Tables as Markdown, for pages of documentation. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    for (Subject subject : results.campaign().subjects()) {
      text.append("## ").append(subject.name()).append("\n\n").append(caption(subject));
      text.append(":\n\n").append(drops(subject).markdown());
      text.append("\nWhat codes saw, means of a trial:\n\n");
      text.append(details(subject).markdown()).append('\n');
    }
    return text.append("## Claims\n\n").append(verdicts().markdown()).toString();
  }

  private String caption(Subject subject) {
    Measure measure = subject.plain().measure();
    return "Drop against plain int8 without faults, in "
        + measure.unit()
        + ", mean ± standard deviation over "
        + results.campaign().seeds()
        + " fault seeds"
        + (subject.trained().isEmpty()
            ? ""
            : "; qatt also over " + subject.trained().size() + " trainings");
  }

  /** The figures as a tree. */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    List<Object> all = new ArrayList<>();
    for (Row r : rows) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("network", r.network().name());
      row.put("strategy", r.strategy().name());
      row.put("rate", r.rate());
      row.put("bits_a_weight", r.strategy().bitsPerWeight());
      row.put("trials", r.drop().count());
      row.put("value", r.value());
      row.put("drop", r.drop().mean());
      row.put("deviation", r.drop().standardDeviation());
      if (Double.isFinite(r.interval().low())) {
        row.put("low", r.interval().low());
        row.put("high", r.interval().high());
      }
      row.put("flipped", r.flipped());
      row.put("corrected", r.corrected());
      row.put("detected", r.detected());
      row.put("silent", r.silent());
      row.put("wrong", r.wrong());
      all.add(row);
    }
    figures.put("rows", all);
    figures.put("claims", claims);
    return figures;
  }

  /** Writes {@code report.html} into a run's folder. */
  Path write(RunDirectory run, Map<String, String> facts) throws IOException {
    HtmlReport page = new HtmlReport("Networks under memory errors", run.facts().origin());
    page.facts(run.facts());
    facts.forEach(page::fact);
    page.text(
        "Memory is check bits over the bits of weights; bits a weight count both. Faults strike"
            + " check bits too. A word is silent where it is wrong and its code did not say so."
            + " A drop beyond 0 in the column without faults is what the strategy's own form of"
            + " the weights costs.");
    for (Subject subject : results.campaign().subjects()) {
      page.heading(subject.name());
      page.table(caption(subject), drops(subject));
      plots(subject).forEach(page::plot);
      page.table("What codes saw, means of a trial", details(subject));
    }
    page.heading("The paper's claims");
    page.text(
        "Guan et al., In-Place Zero-Space Memory Protection for CNN, NeurIPS 2019. A claim of no"
            + " loss fails where the whole 95 % interval is worse than the margin, holds where the"
            + " whole interval is better, and is not settled in between.");
    page.table("Holds here or not", verdicts());
    Path file = run.folder().resolve("report.html");
    page.write(file);
    return file;
  }
}
