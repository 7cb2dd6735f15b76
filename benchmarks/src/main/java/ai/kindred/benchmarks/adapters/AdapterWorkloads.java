package ai.kindred.benchmarks.adapters;

import ai.kindred.benchmarks.lm.PeakMemory;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Sampling;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.AdapterStore;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixedAdapters;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.MoLoraConfig;
import ai.kindred.peft.MoLoraSharedDownConfig;
import ai.kindred.peft.ParameterCount;
import ai.kindred.peft.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The workloads; adapters are on all linear products.
 *
 * @param model without adapters
 * @param repeats measurements of which the median is taken
 * @param sequences of a training step
 * @param length tokens of each
 * @param stored adapters in the store
 */
record AdapterWorkloads(LanguageModel model, int repeats, int sequences, int length, int stored) {

  /** Adapters of a mixed batch. */
  private static final int MIXED = 8;

  private static final int MIXED_RANK = 8;
  private static final int RESIDENT = 32;
  private static final int SMALLEST_ID = 5;
  private static final Targets ALL = Targets.allLinear();

  /** All, in the order in which they run. */
  static final List<String> NAMES =
      List.of("steps-4x4", "steps-16x4", "mixed-8", "switch", "store");

  /** A line of results: a workload, what was measured, figures with their units in the names. */
  record Line(String workload, String what, Map<String, Double> figures) {}

  List<Line> run(String name) throws IOException {
    return switch (name) {
      case "steps-4x4" -> steps(name, 4);
      case "steps-16x4" -> steps(name, 16);
      case "mixed-8" -> mixed();
      case "switch" -> switching();
      case "store" -> store();
      default -> throw new IllegalArgumentException("no workload is called " + name);
    };
  }

  /**
   * AdamW steps of MoDE m x 4, and of the other kinds with as many parameters as come closest, in
   * turns so that a machine that slows down slows all of them. The ratio is to LoRA.
   */
  private List<Line> steps(String name, int m) {
    long budget = added(MixtureOfDyadicExpertsConfig.of(m, 4, 1, ALL));
    Map<String, AdapterConfig> kinds = new LinkedHashMap<>();
    closest(kinds, "LoRA ", budget, r -> LoraConfig.of(r, r, ALL));
    closest(kinds, "MoLORA 4x", budget, r -> MoLoraConfig.of(4, r, ALL));
    closest(kinds, "MoLORA-SD " + m + "x", budget, r -> MoLoraSharedDownConfig.of(m, r, ALL));
    kinds.put("MoDE " + m + "x4", MixtureOfDyadicExpertsConfig.of(m, 4, 1, ALL));
    PackedBatch batch = batch();
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    for (int round = 0; round < repeats; round++) {
      kinds.forEach(
          (kind, config) ->
              seconds.computeIfAbsent(kind, k -> new ArrayList<>()).addAll(train(config, batch)));
    }
    double lora = middle(seconds.values().iterator().next());
    List<Line> lines = new ArrayList<>();
    kinds.forEach(
        (kind, config) -> {
          double step = middle(seconds.getOrDefault(kind, List.of()));
          Map<String, Double> figures = new LinkedHashMap<>();
          figures.put("parameters", (double) added(config));
          figures.put("step_ms", 1e3 * step);
          figures.put("tokens_per_s", sequences * length / step);
          figures.put("ratio_to_lora", step / lora);
          lines.add(new Line(name, kind, figures));
        });
    return lines;
  }

  private interface OfRank {
    AdapterConfig of(int rank);
  }

  /** The rank whose count of parameters is closest to a budget. */
  private void closest(Map<String, AdapterConfig> kinds, String label, long budget, OfRank config) {
    int best = 1;
    for (int r = 1; r <= 1024; r++) {
      long count = added(config.of(r));
      if (Math.abs(count - budget) < Math.abs(added(config.of(best)) - budget)) {
        best = r;
      }
      if (count >= budget) {
        break;
      }
    }
    kinds.put(label + best, config.of(best));
  }

  private long added(AdapterConfig config) {
    return Scope.tidy(() -> ParameterCount.of(Adapters.add(model, config, Key.of(0))).added());
  }

  /** Seconds of two steps after a warm-up. */
  private List<Double> train(AdapterConfig config, PackedBatch batch) {
    List<Double> seconds = new ArrayList<>();
    long[] last = {System.nanoTime()};
    Scope.tidy(
        () -> {
          LanguageModel adapted = Adapters.add(model, config, Key.of(0));
          return Training.of(
                  TrainingConfig.defaults(3, new Schedule.Constant(1e-4, 0)),
                  LanguageModelObjective.of(adapted),
                  Batches.single(step -> LanguageModelObjective.batch(batch)))
              .observedBy(event -> time(event, last, seconds))
              .run(adapted.params(Adapter.class))
              .steps();
        });
    return seconds.subList(1, seconds.size());
  }

  private static Signal time(Event event, long[] last, List<Double> seconds) {
    if (event.kind().equals("train")) {
      long now = System.nanoTime();
      seconds.add((now - last[0]) / 1e9);
      last[0] = now;
    }
    return Signal.CONTINUE;
  }

  /** Generation of 32 tokens for 8 prompts: one LoRA for all, and one for each. */
  @SuppressWarnings("try") // the scope works by being open
  private List<Line> mixed() {
    List<Line> lines = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      List<LanguageModel> adapted = trainedAdapters(MIXED);
      double one;
      try (Generator generator = new Generator(adapted.get(0))) {
        one = median(() -> generator.generate(prompts(MIXED), generation(32)));
      }
      double each;
      try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(model, adapted);
          Generator generator =
              new Generator(mixed.assigned(IntStream.range(0, MIXED).toArray()))) {
        each = median(() -> generator.generate(prompts(MIXED), generation(32)));
      }
      lines.add(mixed("one adapter for 8 examples", one, one));
      lines.add(mixed("8 adapters for 8 examples", each, one));
    }
    return lines;
  }

  private static Line mixed(String what, double seconds, double one) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("ms", 1e3 * seconds);
    figures.put("tokens_per_s", MIXED * 32 / seconds);
    figures.put("ratio_to_one", seconds / one);
    return new Line("mixed-8", what, figures);
  }

  /** Other adapters for the next batch, with what was traced going on. */
  @SuppressWarnings("try") // the scope works by being open
  private List<Line> switching() {
    try (Scope scope = Scope.open()) {
      List<LanguageModel> adapted = trainedAdapters(2);
      try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(model, adapted)) {
        var now = mixed.switching(1);
        try (Generator generator = new Generator(now.model())) {
          int[] next = {0};
          Runnable change =
              () -> {
                next[0] = 1 - next[0];
                now.assign(next[0]);
              };
          Runnable generate = () -> generator.generate(prompts(1), generation(8));
          generate.run();
          double changed = median(change);
          double same = median(generate);
          double other =
              median(
                  () -> {
                    change.run();
                    generate.run();
                  });
          Map<String, Double> figures = new LinkedHashMap<>();
          figures.put("switch_ms", 1e3 * changed);
          figures.put("generate_8_ms", 1e3 * same);
          figures.put("switch_and_generate_8_ms", 1e3 * other);
          return List.of(new Line("switch", "one of 2 LoRAs", figures));
        }
      }
    }
  }

  /** Folders of LoRAs, of which 32 are in memory: the time to borrow one, and the peak. */
  private List<Line> store() throws IOException {
    Path folder = Files.createTempDirectory("kindred-bench-adapters");
    try {
      double before = PeakMemory.megabytes();
      LoraConfig config = LoraConfig.of(MIXED_RANK, MIXED_RANK, ALL);
      long bytes = 0;
      for (int i = 0; i < stored; i++) {
        AdapterFolder at = AdapterFolder.at(folder.resolve("a" + i));
        if (i == 0) {
          save(at, config);
          try (Stream<Path> files = Files.list(at.path())) {
            for (Path file : files.toList()) {
              bytes += Files.size(file);
            }
          }
        } else {
          copy(folder.resolve("a0"), at.path());
        }
      }
      return List.of(borrow(folder, before, bytes));
    } finally {
      delete(folder);
    }
  }

  @SuppressWarnings("try") // the scope works by being open
  private void save(AdapterFolder at, LoraConfig config) throws IOException {
    try (Scope scope = Scope.open()) {
      at.save(Adapters.add(model, config, Key.of(0)), config, "benchmark");
    }
  }

  private Line borrow(Path folder, double before, long bytes) throws IOException {
    List<Double> misses = new ArrayList<>();
    List<Double> hits = new ArrayList<>();
    try (AdapterStore<LanguageModel> store = AdapterStore.of(model, Math.min(RESIDENT, stored))) {
      for (int i = 0; i < stored; i++) {
        store.add("a" + i, AdapterFolder.at(folder.resolve("a" + i)));
      }
      for (int i = 0; i < stored; i++) {
        for (List<Double> seconds : List.of(misses, hits)) {
          long start = System.nanoTime();
          store.borrow("a" + i).close();
          seconds.add((System.nanoTime() - start) / 1e9);
        }
      }
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("adapters", (double) stored);
      figures.put("resident", (double) store.resident());
      figures.put("adapter_mb", bytes / 1048576.0);
      figures.put("all_mb", stored * bytes / 1048576.0);
      figures.put("miss_ms", 1e3 * middle(misses));
      figures.put("hit_ms", 1e3 * middle(hits));
      figures.put("peak_growth_mb", PeakMemory.megabytes() - before);
      return new Line("store", "LoRAs of rank " + MIXED_RANK, figures);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(String.valueOf(file.getFileName()));
        try {
          Files.createLink(target, file); // a thousand copies would only fill the disk
        } catch (IOException | UnsupportedOperationException e) {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Models whose adapters do something, as trained ones do. */
  private List<LanguageModel> trainedAdapters(int number) {
    return IntStream.range(0, number)
        .mapToObj(
            i -> {
              LanguageModel fresh =
                  Adapters.add(model, LoraConfig.of(MIXED_RANK, MIXED_RANK, ALL), Key.of(i));
              return Tree.with(fresh, fresh.params(Adapter.class).map(t -> t.add(0.001 * (i + 1))));
            })
        .toList();
  }

  private static Generation generation(int tokens) {
    return new Generation(tokens, Sampling.GREEDY, 0, true);
  }

  private List<int[]> prompts(int number) {
    return IntStream.range(0, number).mapToObj(i -> random(i, 32)).toList();
  }

  private int[] random(int seed, int n) {
    return Key.of(seed)
        .fold("bench adapters")
        .random()
        .ints(n, SMALLEST_ID, model.config().vocabSize() - 1)
        .toArray();
  }

  private PackedBatch batch() {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] ids = random(i, length + 1);
      examples.add(
          new TokenizedExample(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, length + 1), 0));
    }
    return PackedBatch.of(examples);
  }

  private double median(Runnable work) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i <= repeats; i++) {
      long start = System.nanoTime();
      work.run();
      if (i > 0) {
        seconds.add((System.nanoTime() - start) / 1e9);
      }
    }
    return middle(seconds);
  }

  private static double middle(List<Double> seconds) {
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }
}
