package ai.kindred.benchmarks.lm;

import ai.kindred.cli.Output;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A line a workload: what it reached, and the process's peak memory so far. */
@Command(
    name = "lm",
    description = {
      "Measure a language model: generation, prefill, fine-tuning steps.",
      "Prints one line a workload. finetune-sni runs only with --instructions FILE.jsonl, lines of"
          + " {\"prompt\":..,\"target\":..}."
    })
final class BenchLmCommand implements Callable<Integer> {

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
      names = "--instructions",
      paramLabel = "FILE",
      description = "Instructions for finetune-sni.")
  private @Nullable Path instructions;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "Workloads to run; all.")
  private List<String> only = List.of();

  @Option(
      names = "--recompute",
      description = "Blocks compute their inner results again: less memory.")
  private boolean recompute;

  @Override
  public Integer call() throws IOException {
    Precision precision = precision();
    LanguageModel loaded = LanguageModel.load(model, precision);
    Workloads workloads = new Workloads(loaded, instructions, recompute);
    for (String name : only) {
      if (!workloads.names().contains(name)) {
        throw output.badUsage("no workload is called " + name + "; there are " + workloads.names());
      }
    }
    for (String name : workloads.names()) {
      if (only.isEmpty() || only.contains(name)) {
        Workloads.Measured m = workloads.run(name);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("workload", name);
        line.put("dtype", precision.name().toLowerCase(Locale.ROOT));
        line.put("value", m.value());
        line.put("unit", m.unit());
        line.put("peak_rss_mb", PeakMemory.megabytes());
        output.result(
            line,
            "%-18s %8.1f %-12s peak %.0f MB"
                .formatted(name, m.value(), m.unit(), PeakMemory.megabytes()));
      }
    }
    return 0;
  }

  private Precision precision() {
    try {
      return Precision.of(dtype);
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }
}
