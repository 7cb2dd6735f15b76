package ai.kindred.examples.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Origin;
import ai.kindred.core.report.Table;
import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.ProtectedFolder;
import ai.kindred.reliability.ProtectedLayer;
import ai.kindred.reliability.ProtectedModel;
import ai.kindred.reliability.ProtectionOptions;
import ai.kindred.reliability.Reading;
import ai.kindred.reliability.fit.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "protect",
    description = {
      "Protect a model's weights against memory errors.",
      "",
      "Each layer takes the format, of those given, with the least measured noise; check bits lie"
          + " in the weights' own memory unless the format is BESIDE. With --text, a file, the"
          + " model's loss on it before (8 bits, unprotected) and after."
    })
final class ProtectCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model's folder, in Hugging Face's form.")
  private Path model = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR2",
      required = true,
      description = "The protected model's folder, with report.html.")
  private Path out = Path.of("");

  @Option(
      names = "--formats",
      paramLabel = "F",
      split = ",",
      description = "Any of ${COMPLETION-CANDIDATES}; all without more memory if not given.")
  private Format[] formats = {};

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "A text whose loss is measured before and after.")
  private @Nullable Path text;

  @Override
  public Integer call() throws IOException {
    ProtectionOptions options = ProtectionOptions.zeroSpace(Reading.WORKING_COPY);
    if (formats.length > 0) {
      options =
          new ProtectionOptions(
              List.copyOf(Arrays.asList(formats)), Reading.WORKING_COPY, Doubles.POSTERIOR_MEAN);
    }
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.adopt(LanguageModel.load(model, Precision.INT8));
      ProtectedModel safe = ProtectedModel.protect(loaded, options);
      TextLoss before = null;
      TextLoss after = null;
      if (text != null) {
        before = TextLoss.of(loaded, text);
        after = TextLoss.of(safe.model(), text);
      }
      ProtectedFolder.at(out).save(safe);
      Path page = out.resolve("report.html");
      Table table = table(safe);
      page(table, safe, before, after).write(page);
      WeightsCommand.close(loaded);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("layers", safe.layers());
      result.put("skipped", safe.skipped());
      result.put("out", out.toString());
      result.put("report", page.toString());
      if (before != null && after != null) {
        result.put("loss_before", before.nats());
        result.put("loss_after", after.nats());
      }
      output.result(result, table.text(120) + summary(safe, before, after));
    }
    return 0;
  }

  private static Table table(ProtectedModel safe) {
    Table table =
        Table.of(
            Column.text("layer"),
            Column.text("format"),
            Column.number("[64,128] %", 3),
            Column.number("changed %", 3),
            Column.number("dB against int8", 1));
    for (ProtectedLayer l : safe.layers()) {
      table =
          table.row(
              l.path(),
              l.format().name(),
              100 * l.shares().upTo128(),
              100 * l.changed(),
              l.after());
    }
    return table;
  }

  private static String summary(
      ProtectedModel safe, @Nullable TextLoss before, @Nullable TextLoss after) {
    StringBuilder text = new StringBuilder("formats: " + safe.formats());
    for (String line : safe.skipped()) {
      text.append("\nnot protected: ").append(line);
    }
    if (before != null && after != null) {
      text.append("\nloss before: ").append(before).append("\nloss after:  ").append(after);
    }
    return text.toString();
  }

  private HtmlReport page(
      Table table, ProtectedModel safe, @Nullable TextLoss before, @Nullable TextLoss after) {
    HtmlReport page =
        new HtmlReport(
                "Protected weights",
                new Origin("kindred protect --model " + model.getFileName(), 0))
            .fact("Model", String.valueOf(model.getFileName()))
            .fact("Protected words", String.valueOf(safe.wordCount()))
            .fact("Formats", safe.formats().toString());
    if (before != null && after != null) {
      page.fact("Loss before", before.toString()).fact("Loss after", after.toString());
    }
    return page.text(
            "Decibels are the ratio of signal to noise of the format taken, against 8-bit weights"
                + " with a scale a row. Scales, biases and norms are kept three times; the"
                + " embedding table has check bits beside it.")
        .table("Layers", table);
  }
}
