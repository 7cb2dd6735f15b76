package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MixedAdaptersTest {

  private static final AdapterConfig LORA = LoraConfig.of(4, 8, Targets.allLinear());

  private final Scope scope = Scope.open();
  private final LanguageModel base = load();

  private static LanguageModel load() {
    try {
      return LanguageModel.load(TestFiles.golden("tiny-qwen2"), Precision.FLOAT32);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** An adapter that changes much. */
  private LanguageModel adapted(AdapterConfig config, int seed) {
    LanguageModel model = Adapters.add(base, config, Key.of(seed));
    return Tree.with(
        model,
        new Params(
            Tree.mapPaths(
                model.params(Adapter.class).asMap(),
                (path, t) ->
                    path.endsWith("_b")
                        ? Small.random(path + seed, t.lengths()).to(t.dtype()).mul(0.3)
                        : t)));
  }

  private List<LanguageModel> alike() {
    return List.of(adapted(LORA, 1), adapted(LORA, 2), adapted(LORA, 3));
  }

  /** LoRAs of other ranks, scales and products, and none: side by side in two products. */
  private List<LanguageModel> loras() {
    return List.of(
        adapted(LoraConfig.of(2, 4, Targets.of("q_proj", "up_proj")), 1),
        adapted(LoraConfig.of(5, 1, Targets.of("q_proj", "o_proj")), 2),
        base);
  }

  /** LoRAs of too many ranks to run side by side. */
  private List<LanguageModel> wide() {
    LoraConfig config = LoraConfig.of(70, 70, Targets.of("q_proj", "down_proj"));
    return List.of(adapted(config, 1), adapted(config, 2), adapted(config, 3));
  }

  private List<LanguageModel> unlike() {
    return List.of(
        adapted(LoraConfig.of(2, 4, Targets.of("q_proj")), 1),
        adapted(MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.of("q_proj", "up_proj")), 2),
        base);
  }

  private static int[] ids(int seed, int n) {
    SplittableRandom random = Key.of(seed).random();
    return IntStream.range(0, n).map(i -> random.nextInt(60)).toArray();
  }

  /** Examples whose last three tokens are targets. */
  private static List<TokenizedExample> examples(int... lengths) {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      examples.add(new TokenizedExample(ids(i, lengths[i]), ids(i + 100, 3), 0));
    }
    return examples;
  }

  private void assertEqualToEachAlone(List<LanguageModel> models, int... lengths) {
    List<TokenizedExample> examples = examples(lengths);
    int[] which =
        IntStream.range(0, lengths.length).map(i -> (i * 2 + 1) % models.size()).toArray();
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models);
        Scorer scorer = new Scorer(mixed.assigned(which))) {
      double[] together = scorer.negativeLogLikelihoods(PackedBatch.of(examples));
      for (int b = 0; b < which.length; b++) {
        try (Scorer alone = new Scorer(models.get(which[b]))) {
          double[] own = alone.negativeLogLikelihoods(PackedBatch.of(List.of(examples.get(b))));
          for (int i = 0; i < 3; i++) {
            assertThat(together[3 * b + i]).isCloseTo(own[i], within(2e-5));
          }
        }
      }
      try (Scorer plain = new Scorer(base)) {
        assertThat(together).isNotEqualTo(plain.negativeLogLikelihoods(PackedBatch.of(examples)));
      }
    }
  }

  @Test
  void fewRowsAreEachExampleAlone() {
    for (List<LanguageModel> models : List.of(alike(), loras(), wide(), unlike())) {
      assertEqualToEachAlone(models, 4, 3, 6, 5);
    }
  }

  @Test
  void manyRowsAreEachExampleAlone() {
    for (List<LanguageModel> models : List.of(alike(), loras(), wide(), unlike())) {
      assertEqualToEachAlone(models, 40, 3, 26, 15, 9);
    }
    // Nobody asks for adapter 0.
    List<LanguageModel> models = alike();
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models);
        Scorer scorer = new Scorer(mixed.assigned(1, 1));
        Scorer alone = new Scorer(models.get(1))) {
      PackedBatch batch = PackedBatch.of(examples(50, 9));
      assertThat(scorer.negativeLogLikelihoods(batch))
          .containsExactly(alone.negativeLogLikelihoods(batch), within(2e-5));
    }
  }

  @Test
  void mixturesOfEveryKindRunSideBySide() {
    for (AdapterConfig config :
        List.of(
            MoLoraConfig.of(3, 2, Targets.allLinear())
                .withRouter(new RouterConfig(true, 1, 0.5, 2)),
            MoLoraSharedDownConfig.of(3, 2, Targets.allLinear()),
            MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.allLinear()))) {
      assertEqualToEachAlone(List.of(adapted(config, 1), adapted(config, 2)), 4, 3, 5);
    }
  }

  /** Sequences end at different times, so the batch shrinks: each must keep its own adapter. */
  @Test
  void generationIsThatOfEachAlone() {
    for (List<LanguageModel> models : List.of(alike(), wide(), unlike())) {
      int[] which = {2, 0, 1, 0, 2};
      List<int[]> prompts = new ArrayList<>();
      for (int i = 0; i < which.length; i++) {
        prompts.add(ids(i, 3 + i));
      }
      Generation settings = Generation.greedy(40);
      List<int[]> stopped = new ArrayList<>();
      try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models);
          Generator generator = new Generator(mixed.assigned(which))) {
        // A listener ends sequences early, so that the batch shrinks.
        List<Generated> together =
            generator.generate(prompts, settings, (sequence, ids) -> sequence % 2 == 1);
        for (int b = 0; b < which.length; b++) {
          boolean goesOn = b % 2 == 1;
          try (Generator alone = new Generator(models.get(which[b]))) {
            Generated own =
                alone.generate(List.of(prompts.get(b)), settings, (sequence, ids) -> goesOn).get(0);
            assertThat(together.get(b).ids()).as("sequence " + b).isEqualTo(own.ids());
            stopped.add(own.ids());
          }
        }
      }
      assertThat(stopped.get(0).length).isLessThan(stopped.get(1).length);
    }
  }

  private record In(Params params, TokenBatch tokens, Tensor which) {}

  /** Gradients of a mixed step: those of each adapter on its own examples. */
  @Test
  void trainingTogetherIsTrainingEachAlone() {
    trainedTogether(alike());
    trainedTogether(wide());
  }

  private void trainedTogether(List<LanguageModel> models) {
    List<TokenizedExample> examples = examples(20, 14, 30, 9);
    int[] which = {1, 2, 1, 0};
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models)) {
      MixedObjective objective = new MixedObjective(mixed, true);
      Params grads;
      try (Kernel<In, Grad<Params>> k =
          Kernel.of(
              in ->
                  Grad.of(
                      p ->
                          objective.loss(
                              p,
                              new MixedObjective.MixedBatch(in.tokens(), in.which()),
                              Tensor.of(Key.of(1))),
                      in.params()))) {
        TokenBatch tokens = TokenBatch.of(PackedBatch.of(examples));
        Grad<Params> g = k.call(new In(objective.params(), tokens, Tensor.of(which)));
        grads = g.grads();
        double other =
            k.call(new In(objective.params(), tokens, Tensor.of(new int[] {0, 0, 0, 0})))
                .value()
                .item();
        assertThat(other).isNotEqualTo(g.value().item());
      }
      for (int i = 0; i < models.size(); i++) {
        LanguageModel model = models.get(i);
        int index = i;
        List<TokenizedExample> own =
            IntStream.range(0, which.length)
                .filter(b -> which[b] == index)
                .mapToObj(examples::get)
                .toList();
        LanguageModelObjective alone = LanguageModelObjective.of(model);
        Params expected =
            Grad.of(
                    p ->
                        alone
                            .loss(p, TokenBatch.of(PackedBatch.of(own)), Tensor.of(Key.of(1)))
                            // A mean over all targets of the mixed batch.
                            .mul((double) own.size() / which.length),
                    model.params(Adapter.class))
                .grads();
        expected
            .asMap()
            .forEach(
                (path, g) -> {
                  int dot = path.lastIndexOf('.');
                  String name = path.substring(0, dot) + ".adapters." + index + path.substring(dot);
                  double[] want = g.toDoubles();
                  assertThat(grads.get(name).toDoubles())
                      .as(name)
                      .containsExactly(want, within(2e-5));
                });
      }
    }
  }

  /** One traced generator, other adapters from call to call. */
  @Test
  void aSwitchIsSeenByWhatHasBeenTraced() {
    List<LanguageModel> models = alike();
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models)) {
      MixedAdapters.Switching<LanguageModel> switching = mixed.switching(3);
      List<int[]> prompts = List.of(ids(1, 4), ids(2, 5));
      Generation settings = Generation.greedy(20);
      try (Generator generator = new Generator(switching.model())) {
        for (int[] which : new int[][] {{0, 0}, {2, 1}, {1, 1}}) {
          switching.assign(which);
          List<Generated> together = generator.generate(prompts, settings);
          for (int b = 0; b < which.length; b++) {
            try (Generator alone = new Generator(models.get(which[b]))) {
              assertThat(together.get(b).ids())
                  .isEqualTo(alone.generate(List.of(prompts.get(b)), settings).get(0).ids());
            }
          }
        }
      }
      assertThatThrownBy(() -> switching.assign(0, 1, 2, 0))
          .hasMessage("4 examples; the model was made for at most 3");
      assertThatThrownBy(() -> switching.assign(-1)).hasMessageContaining("adapter -1");
    }
  }

  @Test
  void anotherBaseAndWrongIndicesAreRefused() {
    LanguageModel other = load();
    List<LanguageModel> models = List.of(adapted(LORA, 1), Adapters.add(other, LORA, Key.of(1)));
    assertThatThrownBy(() -> MixedAdapters.of(base, models))
        .hasMessageContaining("model 1 is not on the base given: its model.");
    assertThatThrownBy(() -> MixedAdapters.of(base, List.of()))
        .hasMessageContaining("at least one");
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, alike())) {
      assertThatThrownBy(() -> mixed.assigned(0, 3))
          .hasMessage("adapter 3 of an example; there are 0 to 2");
      assertThat(mixed.size()).isEqualTo(3);
      LanguageModel model = mixed.assigned(0, 1);
      assertThatThrownBy(model::merged).hasMessageContaining("cannot be merged");
      assertThat(model.withoutAdapters().base().model()).isEqualTo(base.base().model());
    }
  }

  @Test
  void memoryIsGivenBack() {
    List<LanguageModel> models = alike();
    int before = Scope.live();
    try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, models)) {
      mixed.assigned(0, 1, 2);
      assertThat(Scope.live()).isGreaterThan(before);
    }
    assertThat(Scope.live()).isEqualTo(before);
  }
}
