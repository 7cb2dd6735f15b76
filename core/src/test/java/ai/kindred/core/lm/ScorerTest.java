package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScorerTest {

  private final Scope scope = Scope.open();
  private int before;

  @BeforeEach
  void open() {
    before = Scope.live();
  }

  @AfterEach
  void nothingIsLeft() {
    int models = scope.size();
    int live = Scope.live();
    scope.close();
    assertThat(live - models).isEqualTo(before);
  }

  private static TokenizedExample example(int[] ids, int prompt) {
    return new TokenizedExample(
        Arrays.copyOf(ids, prompt), Arrays.copyOfRange(ids, prompt, ids.length), 0);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void examplesDoNotSeeEachOther(Family family) throws IOException {
    List<int[]> ids = TinyModels.prompts(9, 30, 2, 17);
    List<TokenizedExample> examples = ids.stream().map(i -> example(i, i.length / 2)).toList();
    try (Scorer scorer = new Scorer(TinyModels.random(family))) {
      double[] packed = scorer.negativeLogLikelihoods(PackedBatch.of(examples));
      int at = 0;
      for (TokenizedExample e : examples) {
        for (double alone : scorer.negativeLogLikelihoods(PackedBatch.of(List.of(e)))) {
          assertThat(packed[at++]).isCloseTo(alone, within(1e-4));
        }
      }
      assertThat(at).isEqualTo(packed.length);
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void continuationsOfOnePromptAreScoredByTheLogits(Family family) throws IOException {
    int[] prompt = TinyModels.prompts(13).get(0);
    List<int[]> continuations = TinyModels.prompts(5, 1, 11, 1, 2);
    try (Scorer scorer = new Scorer(TinyModels.random(family))) {
      List<double[]> got = scorer.logProbabilities(prompt, continuations);
      for (int c = 0; c < continuations.size(); c++) {
        int[] own = continuations.get(c);
        TokenizedExample e = new TokenizedExample(prompt, own, 0);
        try (Tensor logits = scorer.logits(PackedBatch.of(List.of(e)))) {
          float[] rows = logits.toFloats();
          int v = TinyModels.VOCABULARY;
          for (int t = 0; t < own.length; t++) {
            int row = t * v;
            double sum = IntStream.range(0, v).mapToDouble(i -> Math.exp(rows[row + i])).sum();
            assertThat(got.get(c)[t]).isCloseTo(rows[row + own[t]] - Math.log(sum), within(1e-4));
          }
        }
        assertThat(got.get(c)).hasSameSizeAs(own);
      }
      assertThat(scorer.logProbabilities(prompt, List.of())).isEmpty();
    }
  }

  /** More targets than are held at once. */
  @Test
  void manyTargetsAreWorkedOnInParts() throws IOException {
    List<TokenizedExample> examples =
        TinyModels.prompts(120, 128, 100, 50).stream().map(i -> example(i, 1)).toList();
    try (Scorer scorer = new Scorer(TinyModels.random(Family.LLAMA))) {
      double[] packed = scorer.negativeLogLikelihoods(PackedBatch.of(examples));
      assertThat(packed).hasSize(394);
      double[] last = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(examples.get(3))));
      for (int i = 0; i < 49; i++) {
        assertThat(packed[345 + i]).isCloseTo(last[i], within(1e-4));
      }
    }
  }

  /** Products in 8 bits take other ways for few rows and for many. */
  @Test
  void eightBitsScoreFewAndMany() throws IOException {
    List<TokenizedExample> examples =
        TinyModels.prompts(120, 8, 100, 128).stream().map(i -> example(i, 1)).toList();
    ModelConfig config = TinyModels.config(Family.LLAMA, true);
    double[][] all = new double[2][];
    for (int i = 0; i < 2; i++) {
      Precision precision = i == 0 ? Precision.BFLOAT16 : Precision.INT8;
      try (Scorer scorer = new Scorer(TinyModels.random(config, precision))) {
        all[i] = scorer.negativeLogLikelihoods(PackedBatch.of(examples));
        assertThat(scorer.negativeLogLikelihoods(PackedBatch.of(List.of(examples.get(1)))))
            .hasSize(7);
      }
    }
    assertThat(Arrays.stream(all[1]).average().orElseThrow())
        .isCloseTo(Arrays.stream(all[0]).average().orElseThrow(), within(0.05));
  }

  @Test
  void whatCannotBeScoredIsSaid() throws IOException {
    try (Scorer scorer = new Scorer(TinyModels.random(Family.LLAMA))) {
      TokenizedExample strange = example(new int[] {1, 2, 264}, 1);
      assertThatThrownBy(() -> scorer.negativeLogLikelihoods(PackedBatch.of(List.of(strange))))
          .hasMessage("label 264 is outside the model's vocabulary of 264 tokens");
      TokenizedExample negative = example(new int[] {-5, 2}, 1);
      assertThatThrownBy(() -> scorer.hiddenStates(PackedBatch.of(List.of(negative))))
          .hasMessage("token id -5 is outside the model's vocabulary of 264 tokens");
      TokenizedExample tooLong = example(TinyModels.prompts(130).get(0), 1);
      assertThatThrownBy(() -> scorer.logits(PackedBatch.of(List.of(tooLong))))
          .hasMessage("a sequence of 129 tokens; the model's context holds 1 to 128");
      int[] full = TinyModels.prompts(128).get(0);
      assertThatThrownBy(() -> scorer.logProbabilities(full, List.of(new int[] {1})))
          .hasMessage("a sequence of 129 tokens; the model's context holds 1 to 128");
      assertThatThrownBy(() -> scorer.logProbabilities(new int[0], List.of(new int[] {1})))
          .hasMessage("a prompt and each continuation need at least one token id");
    }
  }
}
