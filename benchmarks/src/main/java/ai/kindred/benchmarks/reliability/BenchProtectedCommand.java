package ai.kindred.benchmarks.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.metrics.Summary;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Table;
import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.ProtectedModel;
import ai.kindred.reliability.ProtectionOptions;
import ai.kindred.reliability.Reading;
import ai.kindred.reliability.Scrubber;
import ai.kindred.reliability.fit.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench protected}. */
@Command(
    name = "protected",
    description = {
      "Generation on protected weights, beside plain 8-bit ones.",
      "",
      "Greedy tokens after a prompt of 16; variants take turns, so that a busy machine is busy for"
          + " all. The ratio is of median times to those of unprotected int8."
    })
public final class BenchProtectedCommand implements Callable<Integer> {

  private static final int PROMPT = 16;

  /** Shares of a core that a scrubber gets. */
  private static final double[] BUDGETS = {0.01, 0.05, 0.2};

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model's folder, in Hugging Face's form.")
  private Path model = Path.of("");

  @Option(names = "--tokens", paramLabel = "N", description = "New tokens.")
  private int tokens = 48;

  @Option(names = "--batch", paramLabel = "B", description = "Sequences at once.")
  private int batch = 1;

  @Option(names = "--rounds", paramLabel = "R", description = "Measured turns of each variant.")
  private int rounds = 5;

  /**
   * A way of generating.
   *
   * @param refresh how often weights are checked, in tokens, 0 for never
   * @param budget bytes a second that a scrubber goes over meanwhile, 0 for none
   */
  private record Variant(LanguageModel model, ProtectedModel safe, int refresh, long budget) {}

  @Override
  public Integer call() throws IOException {
    try (Scope scope = Scope.open()) {
      LanguageModel plain = scope.adopt(LanguageModel.load(model, Precision.INT8));
      ProtectedModel beside = protect(plain, Format.BESIDE, Reading.IN_KERNEL);
      ProtectedModel words = protect(plain, Format.CODEWORDS, Reading.IN_KERNEL);
      ProtectedModel inKernel = protect(plain, Format.INT7, Reading.IN_KERNEL);
      ProtectedModel copy = protect(plain, Format.INT7, Reading.WORKING_COPY);
      Map<String, Variant> variants = new LinkedHashMap<>();
      variants.put("int8, unprotected", new Variant(plain, beside, 0, 0));
      variants.put("beside, no scrub", new Variant(beside.model(), beside, 0, 0));
      variants.put("beside, scrub every 16", new Variant(beside.model(), beside, 16, 0));
      variants.put("codewords, no scrub", new Variant(words.model(), words, 0, 0));
      variants.put("codewords, scrub every 16", new Variant(words.model(), words, 16, 0));
      variants.put("copy, on load only", new Variant(copy.model(), copy, 0, 0));
      variants.put("copy, refresh every 16", new Variant(copy.model(), copy, 16, 0));
      variants.put("signs in kernel, no scrub", new Variant(inKernel.model(), inKernel, 0, 0));
      variants.put(
          "signs in kernel, scrub every 16", new Variant(inKernel.model(), inKernel, 16, 0));
      double alone = scrubSpeed(words);
      for (double share : BUDGETS) {
        long budget = (long) (share * alone);
        variants.put(
            "codewords, scrubber at %.0f %% of a core".formatted(100 * share),
            new Variant(words.model(), words, 0, budget));
      }
      Map<String, double[]> seconds = measure(variants);
      double base = Summary.of(seconds.getOrDefault("int8, unprotected", new double[1])).median();
      Table table =
          Table.of(
              Column.text("weights"),
              Column.number("tokens/s", 1),
              Column.number("time ratio", 3),
              Column.number("fastest s", 3),
              Column.number("slowest s", 3));
      for (Map.Entry<String, double[]> e : seconds.entrySet()) {
        Summary s = Summary.of(e.getValue());
        double speed = tokens * batch / s.median();
        table = table.row(e.getKey(), speed, s.median() / base, s.minimum(), s.maximum());
      }
      output.notes().println("a scrub alone goes over %.1f GB/s".formatted(alone / 1e9));
      output.result(table.rows(), table.text(100));
    }
    return 0;
  }

  private static ProtectedModel protect(LanguageModel model, Format format, Reading reading) {
    return ProtectedModel.protect(
        model, new ProtectionOptions(List.of(format), reading, Doubles.POSTERIOR_MEAN));
  }

  /** Bytes a second that a scrub goes over with nothing beside it: the median of some. */
  private static double scrubSpeed(ProtectedModel safe) {
    double[] speeds = new double[9];
    for (int i = 0; i < speeds.length; i++) {
      long start = System.nanoTime();
      long words = safe.scrub().words();
      speeds[i] = words * Long.BYTES * 1e9 / (System.nanoTime() - start);
    }
    return Summary.of(speeds).median();
  }

  private Map<String, double[]> measure(Map<String, Variant> variants) {
    int[] prompt = new int[PROMPT];
    for (int i = 0; i < PROMPT; i++) {
      prompt[i] = 100 + 7 * i;
    }
    List<int[]> prompts = Collections.nCopies(batch, prompt);
    Generation settings = new Generation(tokens, Generation.greedy(tokens).sampling(), 0, true);
    Map<String, Generator> generators = new LinkedHashMap<>();
    Map<String, double[]> seconds = new LinkedHashMap<>();
    try {
      variants.forEach((name, v) -> generators.put(name, new Generator(v.model())));
      for (int round = -1; round < rounds; round++) {
        for (Map.Entry<String, Generator> e : generators.entrySet()) {
          Variant v = variants.get(e.getKey());
          Generator.Listener listener = (sequence, ids) -> true;
          if (v != null && v.refresh() > 0) {
            listener = v.safe().refreshingEvery(v.refresh(), listener);
          }
          double time = time(e.getValue(), prompts, settings, listener, v);
          if (round >= 0) {
            seconds.computeIfAbsent(e.getKey(), k -> new double[rounds])[round] = time;
          }
        }
      }
    } finally {
      new ArrayList<>(generators.values()).forEach(Generator::close);
    }
    return seconds;
  }

  private static double time(
      Generator generator,
      List<int[]> prompts,
      Generation settings,
      Generator.Listener listener,
      @Nullable Variant v) {
    if (v == null || v.budget() == 0) {
      return time(generator, prompts, settings, listener);
    }
    try (Scrubber scrubber = v.safe().scrubber(v.budget())) {
      double time = time(generator, prompts, settings, listener);
      scrubber.progress(); // throws if it failed
      return time;
    }
  }

  private static double time(
      Generator generator, List<int[]> prompts, Generation settings, Generator.Listener listener) {
    long start = System.nanoTime();
    generator.generate(prompts, settings, listener);
    return (System.nanoTime() - start) / 1e9;
  }
}
