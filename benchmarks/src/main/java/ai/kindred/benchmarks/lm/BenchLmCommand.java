package ai.kindred.benchmarks.lm;

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
      names = "--repeats",
      paramLabel = "N",
      description = "Times of which the median is taken (default: ${DEFAULT-VALUE}).")
  private int repeats = 3;

  @Option(
      names = "--recompute",
      description = "Blocks compute their inner results again: less memory.")
  private boolean recompute;

  @Override
  public Integer call() throws IOException {
    Precision precision = precision();
    check();
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.adopt(LanguageModel.load(model, precision));
      measure(new Workloads(loaded, instructions, recompute, repeats), precision);
      Tokenizer tokenizer = loaded.tokenizer();
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
    return 0;
  }

  /** What can be wrong is said before a model is loaded. */
  private void check() {
    for (String name : only) {
      if (!Workloads.NAMES.contains(name)) {
        throw output.badUsage("no workload is called " + name + "; there are " + Workloads.NAMES);
      }
    }
    if (only.contains(Workloads.INSTRUCTIONS) && instructions == null) {
      throw output.badUsage(Workloads.INSTRUCTIONS + " needs --instructions FILE");
    }
    if (repeats < 1) {
      throw output.badUsage("--repeats is " + repeats + "; at least 1 makes a median");
    }
    if (!Files.isDirectory(model)) {
      throw output.badUsage("no such folder: " + model);
    }
  }

  private void measure(Workloads workloads, Precision precision) throws IOException {
    for (String name : Workloads.NAMES) {
      boolean possible = instructions != null || !name.equals(Workloads.INSTRUCTIONS);
      if (only.isEmpty() ? possible : only.contains(name)) {
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
  }

  private Precision precision() {
    try {
      return Precision.of(dtype);
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }
}
