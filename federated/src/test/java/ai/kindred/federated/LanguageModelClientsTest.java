package ai.kindred.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Signal;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.network.LanguageWindows;
import ai.kindred.federated.network.NextToken;
import ai.kindred.federated.server.ServerOptimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that train the adapters of one language model. */
class LanguageModelClientsTest {

  private static final int LENGTH = 12;
  private static final int WINDOWS = 9;

  private final Scope scope = Scope.open();
  private final ThreadWorkers workers = new ThreadWorkers(2);

  @AfterEach
  void close() {
    scope.close();
    workers.close();
  }

  /** A gain for each output: the smallest adapter that a user might write. */
  record Gain(Linear base, Tensor gain) implements Adapter {
    @Override
    public Tensor delta(Tensor x, Pass pass) {
      return base.apply(x, pass).mul(gain);
    }
  }

  private static LanguageModel adapted() throws IOException {
    Path folder =
        Path.of(System.getProperty("kindred.data", "no-kindred-data"))
            .resolve("stories260K/hf-converted");
    assumeTrue(Files.exists(folder), "skipped: no " + folder + " (set -Dkindred.data)");
    LanguageModel model = LanguageModel.load(folder, Precision.FLOAT32);
    return Tree.rewrite(
        model,
        Linear.class,
        (path, l) ->
            path.endsWith("v_proj") ? new Gain(l, Tensor.zeros(DType.FLOAT32, l.out())) : l);
  }

  private static NextToken.Windows windows() {
    SplittableRandom random = Key.of(1).random();
    long[] tokens = new long[WINDOWS * (LENGTH + 1)];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = 3L + random.nextInt(400);
    }
    for (int i = 0; i < 5; i++) {
      tokens[tokens.length - 1 - i] = 0;
    }
    return new NextToken.Windows(Tensor.of(tokens, WINDOWS, LENGTH + 1));
  }

  private Params run(LanguageModel model, boolean stackable, List<Event> events) {
    LanguageWindows task = new LanguageWindows(LanguageModelObjective.of(model), 0);
    return Simulation.of(
            new FedAvg<>(new LocalSgd<>(task.objective(), 0.5), ServerOptimizer.sgd(1)),
            new ClientData<>(windows(), Quadratics.inOrder(3, 1, 4, 1)),
            Sampling.uniform(4),
            new SimulationConfig(2, 1, LocalTraining.epochs(1, 2), 0, 0, 1, stackable))
        .observedBy(
            e -> {
              events.add(e);
              return Signal.CONTINUE;
            })
        .run(Tree.params(model, Adapter.class), workers);
  }

  @Test
  void onlyAdaptersTravelAndClientsSideBySideLearnTheSame() throws IOException {
    LanguageModel model = adapted();
    List<Event> events = new ArrayList<>();
    Params sideBySide = run(model, true, events);
    Params oneByOne = run(model, false, new ArrayList<>());
    long numbers = Tree.params(model, Adapter.class).elements();
    assertThat(events.get(0).number("bytes_up")).isEqualTo(4.0 * 4 * numbers);
    assertThat(events.get(0).number("bytes_down")).isEqualTo(4.0 * 4 * numbers);
    sideBySide
        .asMap()
        .forEach(
            (path, t) -> {
              assertThat(path).endsWith("gain");
              assertThat(t.toFloats())
                  .containsExactly(oneByOne.get(path).toFloats(), within(1e-4f));
              assertThat(t.abs().sum().item()).isPositive();
            });
    assertThat(events.get(events.size() - 2).number("loss"))
        .isLessThan(events.get(0).number("loss"));
  }

  @Test
  void theLossIsTheMeanOverRealTokens() throws IOException {
    LanguageModel model = adapted();
    LanguageModelObjective language = LanguageModelObjective.of(model);
    Params adapters = Tree.params(model, Adapter.class);
    NextToken.Windows all = windows();
    Tensor key = Tensor.of(Key.of(1));
    double got =
        new LanguageWindows(language, 0)
            .objective()
            .loss(
                adapters,
                new Minibatch<>(
                    all,
                    Tensor.of(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 1}, WINDOWS),
                    Tensor.of(new float[WINDOWS], WINDOWS)),
                key)
            .item();
    double sum = 0;
    int count = 0;
    try (Scorer scorer = new Scorer(model)) {
      for (int row : new int[] {0, 8}) {
        long[] ids = all.tokens().select(0, row).toLongs();
        int[] prompt = {(int) ids[0]};
        int[] rest = new int[LENGTH - (row == 8 ? 5 : 0)];
        for (int i = 0; i < rest.length; i++) {
          rest[i] = (int) ids[i + 1];
        }
        for (double logProbability : scorer.logProbabilities(prompt, List.of(rest)).get(0)) {
          sum -= logProbability;
          count++;
        }
      }
    }
    assertThat(count).isEqualTo(2 * LENGTH - 5);
    assertThat(got).isCloseTo(sum / count, within(1e-4));
  }
}
