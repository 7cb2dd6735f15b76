package ai.kindred.examples.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Origin;
import ai.kindred.core.report.Table;
import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.ProtectedFolder;
import ai.kindred.reliability.ProtectedModel;
import ai.kindred.reliability.Reading;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.fault.FaultList;
import ai.kindred.reliability.fault.FaultModel;
import ai.kindred.reliability.fault.Injection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "inject",
    description = {
      "Put faults into a protected model and see what is repaired.",
      "",
      "Reads a folder that `kindred protect` wrote, hits its memory with faults, scrubs it once,"
          + " and tells what was repaired; with --text the loss before, under the faults, and after"
          + " the scrub. The folder itself stays as it is."
    })
final class InjectCommand implements Callable<Integer> {

  enum Model {
    EXACT,
    BERNOULLI,
    BURSTS,
    ROWS,
    STUCK
  }

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "A folder that `kindred protect` wrote.")
  private Path model = Path.of("");

  @Option(names = "--rate", paramLabel = "R", description = "Flipped bits over all bits.")
  private double rate = 1e-5;

  @Option(
      names = "--faults",
      paramLabel = "F",
      description = "Where faults strike: ${COMPLETION-CANDIDATES}.")
  private Model kind = Model.EXACT;

  @Option(names = "--length", paramLabel = "N", description = "Bits of a burst, bytes of a row.")
  private int length = 8;

  @Option(names = "--seed", paramLabel = "S", description = "Seed of the faults.")
  private long seed;

  @Option(
      names = "--doubles",
      paramLabel = "D",
      description = "What becomes of words beyond repair: ${COMPLETION-CANDIDATES}.")
  private Doubles doubles = Doubles.POSTERIOR_MEAN;

  @Option(names = "--list", paramLabel = "FILE", description = "Write the faults, to replay.")
  private @Nullable Path list;

  @Option(names = "--replay", paramLabel = "FILE", description = "Put these faults in instead.")
  private @Nullable Path replay;

  @Option(names = "--text", paramLabel = "FILE", description = "A text whose loss is measured.")
  private @Nullable Path text;

  @Option(names = "--report", paramLabel = "FILE", description = "Write a page.")
  private @Nullable Path report;

  private FaultModel faultModel() {
    return switch (kind) {
      case EXACT -> new FaultModel.ExactCount(rate);
      case BERNOULLI -> new FaultModel.Bernoulli(rate);
      case BURSTS -> new FaultModel.Bursts(rate, length);
      case ROWS -> new FaultModel.Rows(rate, length);
      case STUCK -> new FaultModel.StuckCells(rate);
    };
  }

  @Override
  public Integer call() throws IOException {
    FaultModel drawn = faultModel();
    try (Scope scope = Scope.open()) {
      ProtectedFolder.Loaded loaded = ProtectedFolder.at(model).load(Reading.WORKING_COPY, doubles);
      ProtectedModel safe = scope.adopt(loaded.model());
      FaultList faults =
          replay == null
              ? FaultList.draw(drawn, safe.bits(), Key.of(seed))
              : FaultList.read(replay);
      if (list != null) {
        faults.write(list);
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("bad_blocks_on_load", loaded.checked().bad().size());
      result.put("faults", faults.faults().size());
      loss(result, "loss_before", safe.model());
      try (Injection in = Injection.into(safe.words(), faults)) {
        // What products would read were nothing repaired.
        safe.memory().forEach(m -> m.copyDamaged());
        loss(result, "loss_unrepaired", safe.model());
        Repairs repairs = safe.refresh();
        loss(result, "loss_after", safe.model());
        result.put("words", repairs.words());
        result.put("corrected", repairs.corrected());
        result.put("detected", repairs.detected());
        result.put("bits_still_wrong", in.wrong());
      }
      WeightsCommand.close(safe.model());
      Table table = Table.of(Column.text("what"), Column.number("value", 5));
      for (Map.Entry<String, Object> e : result.entrySet()) {
        table = table.row(e.getKey().replace('_', ' '), e.getValue());
      }
      if (report != null) {
        page(table).write(report);
      }
      output.result(result, table.text());
    }
    return 0;
  }

  private void loss(Map<String, Object> result, String name, LanguageModel of) throws IOException {
    if (text != null) {
      result.put(name, TextLoss.of(of, text).nats());
    }
  }

  private HtmlReport page(Table table) {
    return new HtmlReport(
            "Faults in protected memory",
            new Origin("kindred inject --rate " + rate + " --faults " + kind, seed))
        .fact("Model", String.valueOf(model.getFileName()))
        .text(
            "Losses are nats a token: before the faults, with faults read as they are, and after"
                + " one scrub.")
        .table("What happened", table);
  }
}
