package ai.kindred.benchmarks.adapters;

import ai.kindred.benchmarks.lm.PeakMemory;
import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A line a kind of adapter or workload: what it costs, and the process's peak memory so far. */
@Command(
    name = "adapters",
    description = {
      "Measure adapters: steps at equal parameters, mixed batches, switching, a store.",
      "Figures are medians; ratios are to LoRA of as many parameters, or to one adapter."
    })
public final class BenchAdaptersCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder.")
  private Path model = Path.of(".");

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or int8 (default: ${DEFAULT-VALUE}).")
  private String dtype = "bfloat16";

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "Workloads to run; all.")
  private List<String> only = List.of();

  @Option(
      names = "--repeats",
      paramLabel = "N",
      description = "Rounds at most, of which the median is taken (default: ${DEFAULT-VALUE}).")
  private int repeats = 9;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description =
          "Seconds of a workload after which no new round begins (default: ${DEFAULT-VALUE}).")
  private double seconds = 40;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description = "Sequences of a training step (default: ${DEFAULT-VALUE}).")
  private int sequences = 4;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Tokens of each (default: ${DEFAULT-VALUE}).")
  private int length = 256;

  @Option(
      names = "--stored",
      paramLabel = "N",
      description = "Adapters in the store (default: ${DEFAULT-VALUE}).")
  private int stored = 1000;

  @Override
  public Integer call() throws IOException {
    Precision precision = precision();
    check();
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.adopt(LanguageModel.load(model, precision));
      AdapterWorkloads workloads =
          new AdapterWorkloads(loaded, new Patience(repeats, seconds), sequences, length, stored);
      for (String name : AdapterWorkloads.NAMES) {
        if (only.isEmpty() || only.contains(name)) {
          workloads.run(name, line -> print(line, precision));
        }
      }
      Tokenizer tokenizer = loaded.tokenizer();
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
    return 0;
  }

  private void print(Line line, Precision precision) throws IOException {
    double peak = PeakMemory.megabytes();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("workload", line.workload());
    all.put("what", line.what());
    all.put("dtype", precision.name().toLowerCase(Locale.ROOT));
    all.putAll(line.figures());
    all.put("peak_rss_mb", peak);
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "%-11s %-27s", line.workload(), line.what()));
    line.figures()
        .forEach(
            (name, value) ->
                text.append(
                    String.format(
                        Locale.ROOT, value >= 1000 ? " %s %,.0f" : " %s %.3g", name, value)));
    text.append(String.format(Locale.ROOT, " peak %.0f MB", peak));
    output.result(all, text.toString());
  }

  /** What can be wrong is said before a model is loaded. */
  private void check() {
    for (String name : only) {
      if (!AdapterWorkloads.NAMES.contains(name)) {
        throw output.badUsage(
            "no workload is called " + name + "; there are " + AdapterWorkloads.NAMES);
      }
    }
    atLeastOne("--repeats", repeats);
    atLeastOne("--sequences", sequences);
    atLeastOne("--length", length);
    atLeastOne("--stored", stored);
    if (!(seconds > 0)) {
      throw output.badUsage("--seconds is " + seconds + "; it lies above 0");
    }
    if (!Files.isDirectory(model)) {
      throw output.badUsage("no such folder: " + model);
    }
  }

  private void atLeastOne(String option, int value) {
    if (value < 1) {
      throw output.badUsage(option + " is " + value + "; at least 1 is needed");
    }
  }

  private Precision precision() {
    try {
      return Precision.of(dtype);
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }
}
