package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GeneratorTest {

  private static final Sampling WARM = new Sampling(0.9, 40, 0.95, 0.01, 1.2);

  private Scope scope = Scope.open();
  private int before;

  @BeforeEach
  void open() {
    before = Scope.live();
  }

  @AfterEach
  void nothingIsLeft() {
    int models = scope.size();
    assertThat(Scope.live() - models).isEqualTo(before);
    scope.close();
    scope = Scope.open();
    scope.close();
  }

  private static Generation all(int tokens, Sampling sampling) {
    return new Generation(tokens, sampling, 3, true);
  }

  private static List<int[]> ids(List<Generated> generated) {
    return generated.stream().map(Generated::ids).toList();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aBatchGivesWhatItsPromptsGiveAlone(Family family) throws IOException {
    List<int[]> prompts = TinyModels.prompts(1, 17, 5, 9);
    try (Generator generator = new Generator(TinyModels.random(family))) {
      List<Generated> together = generator.generate(prompts, all(40, Sampling.GREEDY));
      for (int i = 0; i < prompts.size(); i++) {
        Generated alone =
            generator.generate(List.of(prompts.get(i)), all(40, Sampling.GREEDY)).get(0);
        assertThat(together.get(i).ids()).isEqualTo(alone.ids());
      }
      // Random numbers belong to a place in the list, whoever the neighbours are.
      List<Generated> drawn = generator.generate(prompts, all(30, WARM));
      List<int[]> others = new ArrayList<>(TinyModels.prompts(30, 2, 2, 2));
      others.set(2, prompts.get(2));
      assertThat(generator.generate(others, all(30, WARM)).get(2).ids())
          .isEqualTo(drawn.get(2).ids());
    }
  }

  /** Decoding against the whole sequence read at once; prompts are longer than the window of 6. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void decodingIsTheFullForwardPass(Family family) throws IOException {
    LanguageModel model = TinyModels.random(family);
    int[] prompt = TinyModels.prompts(20).get(0);
    try (Generator generator = new Generator(model);
        Scorer scorer = new Scorer(model)) {
      for (Sampling sampling : List.of(Sampling.GREEDY, Sampling.temperature(1))) {
        Generated g = generator.generate(List.of(prompt), all(40, sampling)).get(0);
        double[] log = scorer.logProbabilities(prompt, List.of(g.ids())).get(0);
        for (int t = 0; t < log.length; t++) {
          assertThat((double) g.logProbabilities()[t]).isCloseTo(log[t], within(2e-3));
        }
      }
    }
  }

  @Test
  void sequencesThatHaveEndedLeaveTheBatchUnnoticed() throws IOException {
    LanguageModel model = TinyModels.random(Family.GEMMA2);
    List<int[]> prompts = TinyModels.prompts(3, 12, 7, 1, 9, 4, 4);
    List<List<Generated>> results = new ArrayList<>();
    for (boolean compact : new boolean[] {true, false}) {
      try (Generator generator = new Generator(model, compact)) {
        Map<Integer, Integer> chunks = new HashMap<>();
        Generator.Listener listener = (s, ids) -> chunks.merge(s, 1, Integer::sum) <= s * 5 % 7;
        results.add(generator.generate(prompts, all(90, WARM), listener));
      }
    }
    for (int s = 0; s < prompts.size(); s++) {
      assertThat(results.get(0).get(s).ids()).isEqualTo(results.get(1).get(s).ids());
    }
    assertThat(results.get(0).stream().map(g -> g.ids().length).distinct().count())
        .isGreaterThan(4);
  }

  /** From many rows to few: products in 8 bits change their way while the batch shrinks. */
  @Test
  void shrinkingBatchesIn8BitsGoOn() throws IOException {
    LanguageModel model = TinyModels.random(TinyModels.config(Family.LLAMA, true), Precision.INT8);
    List<int[]> prompts = TinyModels.prompts(IntStream.range(0, 40).map(i -> 1 + i % 9).toArray());
    try (Generator generator = new Generator(model)) {
      List<Generated> all =
          generator.generate(prompts, all(60, Sampling.GREEDY), (s, ids) -> s % 20 == 7);
      assertThat(all.get(7).ids()).hasSize(60);
      assertThat(all.get(27).ids()).hasSize(60);
      assertThat(all.get(8).ids()).hasSize(1);
    }
  }

  @Test
  void continuationsShareTheirPrompt() throws IOException {
    List<int[]> prompts = TinyModels.prompts(6, 11);
    List<int[]> repeated =
        List.of(
            prompts.get(0),
            prompts.get(0),
            prompts.get(0),
            prompts.get(1),
            prompts.get(1),
            prompts.get(1));
    try (Generator generator = new Generator(TinyModels.random(Family.MISTRAL))) {
      for (Sampling sampling : List.of(Sampling.GREEDY, WARM)) {
        List<List<Generated>> shared = generator.continuations(prompts, 3, all(25, sampling));
        assertThat(ids(shared.stream().flatMap(List::stream).toList()))
            .usingRecursiveComparison()
            .isEqualTo(ids(generator.generate(repeated, all(25, sampling))));
        assertThat(shared.get(0).get(0).ids().length).isEqualTo(25);
        boolean same = Arrays.equals(shared.get(0).get(0).ids(), shared.get(0).get(1).ids());
        assertThat(same).isEqualTo(sampling.equals(Sampling.GREEDY));
      }
      assertThatThrownBy(() -> generator.continuations(prompts, 0, Generation.greedy(1)))
          .hasMessage("0 continuations of a prompt; there must be at least 1");
    }
  }

  @Test
  void endOfTextEndsATextAndIsItsLastToken() throws IOException {
    LanguageModel model = TinyModels.random(Family.LLAMA);
    List<int[]> prompts = TinyModels.prompts(5);
    try (Generator generator = new Generator(model)) {
      int[] free = generator.generate(prompts, all(40, Sampling.GREEDY)).get(0).ids();
      int end = free[20];
      int first = 0;
      while (free[first] != end) {
        first++;
      }
      ModelConfig c = model.config();
      ModelConfig ending =
          new ModelConfig(
              c.family(),
              c.vocabSize(),
              c.hiddenSize(),
              c.intermediateSize(),
              c.activation(),
              c.mlpBias(),
              c.rmsNormEps(),
              c.maxPositions(),
              c.attention(),
              c.layerTypes(),
              c.ropes(),
              c.tiedEmbeddings(),
              c.finalSoftcap(),
              c.bosToken(),
              List.of(end),
              c.dtype());
      try (Generator ends =
          new Generator(new LanguageModel(model.base(), ending, null, null, null))) {
        Generated g = ends.generate(prompts, Generation.greedy(40)).get(0);
        assertThat(g.ids()).isEqualTo(Arrays.copyOf(free, first + 1));
        assertThat(g.stop()).isEqualTo(Generated.Stop.END_OF_TEXT);
      }
    }
  }

  @Test
  void whatCannotBeContinuedIsSaid() throws IOException {
    try (Generator generator = new Generator(TinyModels.random(Family.LLAMA))) {
      Generation few = Generation.greedy(4);
      assertThatThrownBy(() -> generator.generate(List.of(new int[0]), few))
          .hasMessage("a prompt is empty; it needs at least one token");
      assertThatThrownBy(() -> generator.generate(List.of(new int[] {1, 264}), few))
          .hasMessage("token id 264 is outside the model's vocabulary of 264 tokens");
      assertThatThrownBy(() -> generator.generate(List.of(new int[] {-1}), few))
          .hasMessage("token id -1 is outside the model's vocabulary of 264 tokens");
      assertThatThrownBy(() -> generator.generate(TinyModels.prompts(125), few))
          .hasMessage(
              "a prompt of 125 tokens and 4 new ones do not fit the model's context of 128 tokens;"
                  + " shorten the prompt or ask for fewer new tokens");
      assertThat(generator.generate(TinyModels.prompts(124), few).get(0).ids()).hasSize(4);
      assertThat(generator.generate(List.of(), few)).isEmpty();
      assertThat(generator.generate(TinyModels.prompts(2), Generation.greedy(0)).get(0).stop())
          .isEqualTo(Generated.Stop.LENGTH);
    }
  }
}
