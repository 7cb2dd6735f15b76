package ai.kindred.benchmarks.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Sampling;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.Targets;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The workloads, sized as a Python user's script would have them: see each method. */
final class Workloads {

  record Measured(double value, String unit) {}

  /** The one that needs a file of instructions. */
  static final String INSTRUCTIONS = "finetune-sni";

  /** All, in the order in which they run. */
  static final List<String> NAMES =
      List.of(
          "generate-1",
          "generate-8",
          "generate-32",
          "prefill-2x512",
          "finetune-4x256",
          "finetune-mode-4x4",
          INSTRUCTIONS);

  private static final int SMALLEST_ID = 5;

  private final LanguageModel model;
  private final @Nullable Path instructions;
  private final boolean recompute;
  private final int repeats;

  Workloads(LanguageModel model, @Nullable Path instructions, boolean recompute, int repeats) {
    this.model = model;
    this.instructions = instructions;
    this.recompute = recompute;
    this.repeats = repeats;
  }

  Measured run(String name) throws IOException {
    return switch (name) {
      case "generate-1" -> generate(1);
      case "generate-8" -> generate(8);
      case "generate-32" -> generate(32);
      case "prefill-2x512" -> prefill();
      case "finetune-4x256" -> steps(lora(8));
      case "finetune-mode-4x4" ->
          steps(MixtureOfDyadicExpertsConfig.of(4, 4, 1, Targets.allLinear()));
      case INSTRUCTIONS -> instructions();
      default ->
          throw new IllegalArgumentException(
              "no workload is called " + name + "; there are " + NAMES);
    };
  }

  /**
   * New tokens a second: 68 against 4 new tokens after prompts of 64, so that the prompts' own time
   * is taken off.
   */
  private Measured generate(int sequences) {
    List<int[]> prompts = IntStream.range(0, sequences).mapToObj(i -> random(i, 64)).toList();
    try (Generator generator = new Generator(model)) {
      double many =
          median(() -> generator.generate(prompts, new Generation(68, Sampling.GREEDY, 0, true)));
      double few =
          median(() -> generator.generate(prompts, new Generation(4, Sampling.GREEDY, 0, true)));
      return new Measured(sequences * 64 / (many - few), "tokens/s");
    }
  }

  /** Tokens a second of two sequences of 512, scores at their last positions. */
  private Measured prefill() {
    PackedBatch batch = batch(2, 512, false);
    try (Scorer scorer = new Scorer(model)) {
      return new Measured(
          1024 / median(() -> Scope.tidy(() -> scorer.logits(batch).toFloats().length)),
          "tokens/s");
    }
  }

  private static LoraConfig lora(int rank) {
    return LoraConfig.of(rank, 2.0 * rank, Targets.allLinear());
  }

  /**
   * Tokens a second of whole AdamW steps on four full sequences of 256, every position a target.
   */
  private Measured steps(AdapterConfig adapter) {
    PackedBatch batch = batch(4, 256, true);
    List<Double> seconds =
        train(adapter, Batches.single(step -> LanguageModelObjective.batch(batch)), repeats + 1L);
    return new Measured(1024 / middle(seconds.subList(1, seconds.size())), "tokens/s");
  }

  /**
   * Examples a second of LoRA steps on the first 96 instructions in batches of 8, in file order.
   */
  private Measured instructions() throws IOException {
    List<List<TokenizedExample>> batches = read();
    Batches<TokenBatch> data =
        Batches.single(
            step ->
                LanguageModelObjective.batch(
                    PackedBatch.of(batches.get((int) (step == 0 ? 0 : step - 1)))));
    List<Double> seconds = train(lora(8), data, batches.size() + 1L);
    double all = seconds.subList(1, seconds.size()).stream().mapToDouble(s -> s).sum();
    return new Measured(8 * batches.size() / all, "examples/s");
  }

  private List<List<TokenizedExample>> read() throws IOException {
    Path file = Objects.requireNonNull(instructions);
    Tokenizer tokenizer = model.requireTokenizer();
    List<TokenizedExample> examples = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = Json.parse(line, file.toString(), Json.Limits.CONFIG);
      examples.add(
          new TokenizedExample(
              tokenizer.encode(node.path("prompt").asText(), true),
              model.encodeTarget(node.path("target").asText()),
              0));
      if (examples.size() == 96) {
        break;
      }
    }
    List<List<TokenizedExample>> batches = new ArrayList<>();
    for (int i = 0; i + 8 <= examples.size(); i += 8) {
      batches.add(examples.subList(i, i + 8));
    }
    return batches;
  }

  /** Seconds of each step; the first is a warm-up. */
  private List<Double> train(AdapterConfig config, Batches<TokenBatch> data, long steps) {
    LanguageModel adapted = Adapters.add(model, config, Key.of(0));
    List<Double> seconds = new ArrayList<>();
    long[] last = {System.nanoTime()};
    TrainingConfig training = TrainingConfig.defaults(steps, new Schedule.Constant(1e-4, 0));
    Scope.tidy(
        () ->
            Training.of(training, LanguageModelObjective.of(adapted).recomputing(recompute), data)
                .observedBy(event -> time(event, last, seconds))
                .run(adapted.params(Adapter.class))
                .steps());
    return seconds;
  }

  private static Signal time(Event event, long[] last, List<Double> seconds) {
    if (event.kind().equals("train")) {
      long now = System.nanoTime();
      seconds.add((now - last[0]) / 1e9);
      last[0] = now;
    }
    return Signal.CONTINUE;
  }

  private int[] random(int seed, int n) {
    return Key.of(seed)
        .fold("bench")
        .random()
        .ints(n, SMALLEST_ID, model.config().vocabSize() - 1)
        .toArray();
  }

  private PackedBatch batch(int sequences, int length, boolean everyTarget) {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] ids = random(i, length + 1);
      int prompt = everyTarget ? 1 : length;
      examples.add(
          new TokenizedExample(
              Arrays.copyOf(ids, prompt), Arrays.copyOfRange(ids, prompt, length + 1), 0));
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
