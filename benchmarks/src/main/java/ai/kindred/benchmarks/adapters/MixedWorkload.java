package ai.kindred.benchmarks.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Sampling;
import ai.kindred.core.nn.Adapter;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixedAdapters;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.Targets;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Several adapters in one batch, and one after another. */
record MixedWorkload(LanguageModel model, Patience patience) {

  private static final int ADAPTERS = 8;
  private static final int TOKENS = 32;
  private static final int PROMPT = 32;
  private static final int SMALLEST_ID = 5;
  private static final Targets ALL = Targets.allLinear();

  /** Generation for 8 prompts: one adapter for all, and one for each. */
  void mixed(String name, Line.Printer lines) throws IOException {
    mixed(name, "LoRA 8", LoraConfig.of(8, 8, ALL), lines);
    mixed(name, "MoDE 4x4", MixtureOfDyadicExpertsConfig.of(4, 4, 1, ALL), lines);
  }

  @SuppressWarnings("try") // the scope works by being open
  private void mixed(String name, String kind, AdapterConfig config, Line.Printer lines)
      throws IOException {
    try (Scope scope = Scope.open()) {
      List<LanguageModel> adapted = trained(config, ADAPTERS);
      try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(model, adapted);
          Generator one = new Generator(adapted.get(0));
          Generator each = new Generator(mixed.assigned(IntStream.range(0, ADAPTERS).toArray()))) {
        List<List<Double>> seconds =
            patience.inTurns(
                List.of(
                    () -> generate(one, ADAPTERS, TOKENS), () -> generate(each, ADAPTERS, TOKENS)));
        lines.print(line(name, kind + ", one for 8 examples", seconds.get(0), seconds.get(0)));
        lines.print(line(name, kind + ", 8 for 8 examples", seconds.get(1), seconds.get(0)));
      }
    }
  }

  private static Line line(String name, String what, List<Double> seconds, List<Double> one) {
    double middle = Patience.median(seconds);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("ms", 1e3 * middle);
    figures.put("tokens_per_s", ADAPTERS * TOKENS / middle);
    figures.put("ratio_to_one", Patience.ratio(seconds, one));
    figures.put("rounds", (double) seconds.size());
    return new Line(name, what, figures);
  }

  /** Other adapters for the next batch, with what was traced going on. */
  @SuppressWarnings("try") // the scope works by being open
  void switching(String name, Line.Printer lines) throws IOException {
    try (Scope scope = Scope.open()) {
      List<LanguageModel> adapted = trained(LoraConfig.of(8, 8, ALL), 2);
      try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(model, adapted)) {
        var now = mixed.switching(1);
        try (Generator generator = new Generator(now.model())) {
          int[] next = {0};
          Runnable change =
              () -> {
                next[0] = 1 - next[0];
                now.assign(next[0]);
              };
          Runnable generate = () -> generate(generator, 1, 8);
          Runnable both =
              () -> {
                change.run();
                generate.run();
              };
          List<List<Double>> seconds = patience.inTurns(List.of(change, generate, both));
          Map<String, Double> figures = new LinkedHashMap<>();
          figures.put("switch_ms", 1e3 * Patience.median(seconds.get(0)));
          figures.put("generate_8_ms", 1e3 * Patience.median(seconds.get(1)));
          figures.put("switch_and_generate_8_ms", 1e3 * Patience.median(seconds.get(2)));
          figures.put("rounds", (double) seconds.get(0).size());
          lines.print(new Line(name, "one of 2 LoRAs", figures));
        }
      }
    }
  }

  /** Models whose adapters do something, as trained ones do. */
  private List<LanguageModel> trained(AdapterConfig config, int number) {
    return IntStream.range(0, number)
        .mapToObj(
            i -> {
              LanguageModel fresh = Adapters.add(model, config, Key.of(i));
              return Tree.with(fresh, fresh.params(Adapter.class).map(t -> t.add(0.001 * (i + 1))));
            })
        .toList();
  }

  private void generate(Generator generator, int prompts, int tokens) {
    List<int[]> all =
        IntStream.range(0, prompts)
            .mapToObj(i -> randomIds(i, PROMPT, model.config().vocabSize()))
            .toList();
    generator.generate(all, new Generation(tokens, Sampling.GREEDY, 0, true));
  }

  static int[] randomIds(int seed, int n, int vocabulary) {
    return Key.of(seed)
        .fold("bench adapters")
        .random()
        .ints(n, SMALLEST_ID, vocabulary - 1)
        .toArray();
  }
}
