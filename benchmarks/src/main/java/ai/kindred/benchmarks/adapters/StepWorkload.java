package ai.kindred.benchmarks.adapters;

import ai.kindred.core.kernel.Held;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.report.Progress;
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.TrainingStep;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.MoLoraConfig;
import ai.kindred.peft.MoLoraSharedDownConfig;
import ai.kindred.peft.ParameterCount;
import ai.kindred.peft.Targets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Whole AdamW steps of MoDE m x 4 and of the other kinds with as many parameters as come closest,
 * adapters on all linear products. The ratio is to LoRA's step of the same round.
 */
final class StepWorkload {

  private static final int RANK = 4;
  private static final double RATE = 1e-4;
  private static final Targets ALL = Targets.allLinear();

  /** A kind of adapter in training. */
  private static final class Trainee implements AutoCloseable {
    private final TrainingStep<TokenBatch> step;
    private final Held<TrainingStep.State> state;

    Trainee(LanguageModel model, AdapterConfig config) {
      LanguageModel adapted = Adapters.add(model, config, Key.of(0));
      step = new TrainingStep<>(LanguageModelObjective.of(adapted), AdamW.defaults(), 1);
      state = Held.of(step.start(adapted.params(Adapter.class)));
    }

    @SuppressWarnings("try") // the scope works by being open
    void step(Batch<TokenBatch> batch) {
      try (Scope scope = Scope.open()) {
        state.set(step.run(state.get(), List.of(batch), RATE, Key.of(0)).state());
      }
    }

    @Override
    public void close() {
      step.close();
      state.close();
    }
  }

  private final LanguageModel model;
  private final Patience patience;
  private final long in;
  private final long out;

  @SuppressWarnings("try") // the scope works by being open
  StepWorkload(LanguageModel model, Patience patience) {
    this.model = model;
    this.patience = patience;
    try (Scope scope = Scope.open()) {
      LanguageModel adapted = Adapters.add(model, LoraConfig.of(1, 1, ALL), Key.of(0));
      Collection<Adapter> products = Tree.parts(adapted, Adapter.class).values();
      in = products.stream().mapToLong(a -> a.base().in()).sum();
      out = products.stream().mapToLong(a -> a.base().out()).sum();
    }
  }

  /** A line a kind. */
  @SuppressWarnings("try") // the scope works by being open
  List<Line> lines(String name, int m, Batch<TokenBatch> batch) {
    Map<String, AdapterConfig> kinds = kinds(m);
    List<Trainee> trainees = new ArrayList<>();
    try (Scope scope = Scope.open();
        Progress progress =
            Progress.start(name, "steps", 0, (patience.rounds() + 1L) * kinds.size())) {
      List<Runnable> steps = new ArrayList<>();
      long[] done = {0};
      kinds.forEach(
          (kind, config) -> {
            Trainee trainee = new Trainee(model, config);
            trainees.add(trainee);
            steps.add(
                () -> {
                  trainee.step(batch);
                  progress.step(++done[0], kind);
                });
          });
      return lines(name, kinds, patience.inTurns(steps), batch.tokens());
    } finally {
      trainees.forEach(Trainee::close);
    }
  }

  private List<Line> lines(
      String name, Map<String, AdapterConfig> kinds, List<List<Double>> seconds, long tokens) {
    List<Line> lines = new ArrayList<>();
    for (Map.Entry<String, AdapterConfig> kind : kinds.entrySet()) {
      List<Double> own = seconds.get(lines.size());
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("parameters", (double) added(kind.getValue()));
      figures.put("step_ms", 1e3 * Patience.median(own));
      figures.put("tokens_per_s", tokens / Patience.median(own));
      figures.put("ratio_to_lora", Patience.ratio(own, seconds.get(0)));
      figures.put("rounds", (double) own.size());
      lines.add(new Line(name, kind.getKey(), figures));
    }
    return lines;
  }

  private Map<String, AdapterConfig> kinds(int m) {
    long budget = ParameterCount.mode(m, RANK, 1, in, out);
    int lora = closest(budget, r -> ParameterCount.lora(r, in, out));
    int whole = closest(budget, r -> ParameterCount.moLora(4, r, in, out));
    int shared = closest(budget, r -> ParameterCount.moLoraSd(m, r, in, out));
    Map<String, AdapterConfig> kinds = new LinkedHashMap<>();
    kinds.put("LoRA " + lora, LoraConfig.of(lora, lora, ALL));
    kinds.put("MoLORA 4x" + whole, MoLoraConfig.of(4, whole, ALL));
    kinds.put("MoLORA-SD " + m + "x" + shared, MoLoraSharedDownConfig.of(m, shared, ALL));
    kinds.put("MoDE " + m + "x" + RANK, MixtureOfDyadicExpertsConfig.of(m, RANK, 1, ALL));
    return kinds;
  }

  /** The rank whose count of parameters is closest to a budget. */
  private static int closest(long budget, LongUnaryOperator count) {
    int above = 1;
    while (count.applyAsLong(above) < budget) {
      above++;
    }
    long over = count.applyAsLong(above) - budget;
    boolean lower = above > 1 && budget - count.applyAsLong(above - 1L) < over;
    return lower ? above - 1 : above;
  }

  private long added(AdapterConfig config) {
    return Scope.tidy(() -> ParameterCount.of(Adapters.add(model, config, Key.of(0))).added());
  }
}
