package ai.kindred.examples.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Origin;
import ai.kindred.core.report.Table;
import ai.kindred.reliability.fit.Quantiser;
import ai.kindred.reliability.fit.Quantiser.Granularity;
import ai.kindred.reliability.fit.Shares;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "weights",
    description = {
      "The share of small int8 weights in each layer.",
      "",
      "In-place protection rests on most 8-bit weights lying in [-64, 63]. Counts |q| in [0,32),"
          + " [32,64) and [64,128], and words of eight whose first seven lie there, with a scale a"
          + " tensor, a row or a group of 128."
    })
final class WeightsCommand implements Callable<Integer> {

  private static final int GROUP = 128;

  record Layer(String layer, String scales, long weights, Shares shares) {}

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model's folder, in Hugging Face's form.")
  private Path model = Path.of("");

  @Option(names = "--report", paramLabel = "FILE", description = "Write a page with the table.")
  private @Nullable Path report;

  @Override
  public Integer call() throws IOException {
    List<Layer> layers = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.adopt(LanguageModel.load(model));
      for (Map.Entry<String, Linear> e : Tree.parts(loaded.base(), Linear.class).entrySet()) {
        if (e.getValue() instanceof Dense dense) {
          measure(e.getKey(), dense, layers);
        }
      }
      close(loaded);
    }
    Table table = table(layers);
    if (report != null) {
      page(table).write(report);
      output.notes().println("report: " + report);
    }
    output.result(layers, table.text(120));
    return 0;
  }

  static void close(LanguageModel model) {
    if (model.tokenizer() != null) {
      model.tokenizer().close();
    }
  }

  private static void measure(String path, Dense dense, List<Layer> layers) {
    float[] w = dense.weight().toFloats();
    int in = Math.toIntExact(dense.in());
    for (Granularity g : Granularity.values()) {
      if (g != Granularity.GROUP || in % GROUP == 0) {
        Shares shares = Shares.of(new Quantiser(8, g, GROUP).quantise(w, in).values());
        layers.add(new Layer(path, g.name().toLowerCase(Locale.ROOT), w.length, shares));
      }
    }
  }

  private static Table table(List<Layer> layers) {
    Table table =
        Table.of(
            Column.text("layer"),
            Column.text("scales"),
            Column.number("[0,32) %", 2),
            Column.number("[32,64) %", 2),
            Column.number("[64,128] %", 3),
            Column.number("words fit %", 1),
            Column.number("one large %", 1));
    Map<String, List<Layer>> byScale = new LinkedHashMap<>();
    for (Layer l : layers) {
      table = row(table, l.layer(), l.scales(), l.shares());
      byScale.computeIfAbsent(l.scales(), s -> new ArrayList<>()).add(l);
    }
    for (Map.Entry<String, List<Layer>> e : byScale.entrySet()) {
      table = row(table, "all", e.getKey(), mean(e.getValue()));
    }
    return table;
  }

  private static Table row(Table table, String layer, String scales, Shares s) {
    return table.row(
        layer,
        scales,
        100 * s.below32(),
        100 * s.below64(),
        100 * s.upTo128(),
        100 * s.fitting(),
        100 * s.oneLarge());
  }

  /** Over all weights. */
  private static Shares mean(List<Layer> layers) {
    double n = layers.stream().mapToLong(Layer::weights).sum();
    double[] sums = new double[5];
    for (Layer l : layers) {
      Shares s = l.shares();
      double share = l.weights() / n;
      sums[0] += share * s.below32();
      sums[1] += share * s.below64();
      sums[2] += share * s.upTo128();
      sums[3] += share * s.fitting();
      sums[4] += share * s.oneLarge();
    }
    return new Shares(sums[0], sums[1], sums[2], sums[3], sums[4]);
  }

  private HtmlReport page(Table table) {
    return new HtmlReport(
            "Sizes of 8-bit weights",
            new Origin("kindred reliability weights --model " + model.getFileName(), 0))
        .fact("Model", String.valueOf(model.getFileName()))
        .text(
            "Symmetric int8. Words are eight neighbours of a row; a word fits the in-place code"
                + " where its first seven weights lie in [-64, 63].")
        .table("Shares by layer", table);
  }
}
