package ai.kindred.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.nn.Linear;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationFaultsTest {

  private static final ModelConfig CONFIG = config();

  private static ModelConfig config() {
    try {
      return ModelConfig.parse(
          """
          {"model_type": "llama", "vocab_size": 260, "hidden_size": 32, "intermediate_size": 64,
           "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
           "max_position_embeddings": 64, "tie_word_embeddings": true, "eos_token_id": 2,
           "torch_dtype": "float32"}""",
          "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] scores(LanguageModel model) {
    PackedBatch batch =
        PackedBatch.of(
            List.of(new TokenizedExample(new int[] {5, 6, 7, 200}, new int[] {9, 10, 3}, 0)));
    try (Scorer scorer = new Scorer(model)) {
      return scorer.negativeLogLikelihoods(batch);
    }
  }

  /** How many elements of 100,000 differ, and in how many bits. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16", "FLOAT16", "INT8"})
  void asManyBitsFlipAsTheRateSays(DType dtype) {
    try (Scope scope = Scope.open()) {
      assertThat(scope.size()).isZero();
      int n = 100_000;
      Tensor x = Tensor.zeros(DType.FLOAT32, n).to(dtype);
      double rate = 1e-3;
      Kernel<Tensor, Tensor> hit =
          Kernel.of(in -> BitFlips.in(in, rate, FaultyActivations.tensor(Key.of(7))));
      Tensor once = hit.call(x);
      assertThat(once.toBytes()).isEqualTo(hit.call(x).toBytes());
      byte[] bytes = new byte[n * dtype.bytes()];
      once.toBytes().get(bytes);
      int flipped = 0;
      int[] byBit = new int[8 * dtype.bytes()];
      for (int i = 0; i < n; i++) {
        int own = 0;
        for (int bit = 0; bit < byBit.length; bit++) {
          int set = bytes[i * dtype.bytes() + bit / 8] >> (bit % 8) & 1;
          byBit[bit] += set;
          own += set;
        }
        assertThat(own).isLessThanOrEqualTo(1);
        flipped += own;
      }
      double expected = rate * n * byBit.length;
      assertThat((double) flipped)
          .isBetween(expected - 4 * Math.sqrt(expected), expected + 4 * Math.sqrt(expected));
      for (int count : byBit) {
        assertThat(count).isBetween(50, 150); // 100 expected, standard deviation 10
      }
      hit.close();
    }
  }

  @Test
  void activationsAreHitByKeyAndHealed() {
    int live = Scope.live();
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.initialised(CONFIG, null, Key.of(1)));
      double[] whole = scores(model);
      LanguageModel hit = FaultyActivations.in(model, 3e-5, Key.of(5));
      assertThat(scores(hit)).isNotEqualTo(whole).isEqualTo(scores(hit));
      assertThat(scores(FaultyActivations.in(model, 3e-5, Key.of(6)))).isNotEqualTo(scores(hit));
      assertThat(scores(FaultyActivations.in(model, 0, Key.of(5)))).isEqualTo(whole);
      assertThat(scores(FaultyActivations.without(hit))).isEqualTo(whole);
      assertThat(Tree.parts(FaultyActivations.without(hit), Linear.class).values())
          .noneMatch(FaultyActivations.class::isInstance);
      // Weights and activations can be hit together.
      FaultList faults =
          FaultList.draw(new FaultModel.ExactCount(1e-5), FaultyTree.bits(model), Key.of(2));
      assertThat(scores(FaultyActivations.in(FaultyTree.with(model, faults), 3e-5, Key.of(5))))
          .isNotEqualTo(scores(hit));
    }
    assertThat(Scope.live()).isEqualTo(live);
  }

  @Test
  void theCacheIsHitByKeyAndHealed() {
    int live = Scope.live();
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.initialised(CONFIG, null, Key.of(1)));
      LanguageModel hit = FaultyCache.in(model, 3e-4, Key.of(5));
      double[] whole = scores(model);
      assertThat(scores(hit)).isNotEqualTo(whole).isEqualTo(scores(hit));
      assertThat(scores(FaultyCache.without(hit))).isEqualTo(whole);
      List<float[]> clean = written(model);
      assertThat(written(hit).get(0)).isEqualTo(written(hit).get(0)).isNotEqualTo(clean.get(0));
      assertThat(written(FaultyCache.in(model, 0, Key.of(5))).get(0)).isEqualTo(clean.get(0));
    }
    assertThat(Scope.live()).isEqualTo(live);
  }

  private static List<float[]> written(LanguageModel model) {
    try (Generator generator = new Generator(model)) {
      return generator.generate(List.of(new int[] {5, 6, 7, 200}), Generation.greedy(24)).stream()
          .map(g -> g.logProbabilities())
          .toList();
    }
  }

  @Test
  void ratesThatCannotBeAreTold() {
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.initialised(CONFIG, null, Key.of(1)));
      assertThatThrownBy(() -> FaultyActivations.in(model, 1.5, Key.of(1)))
          .hasMessageContaining("a fault rate of 1.5");
      assertThatThrownBy(() -> FaultyCache.in(model, Double.NaN, Key.of(1)))
          .hasMessageContaining("a fault rate of NaN");
      LanguageModel often = FaultyActivations.in(model, 0.1, Key.of(1));
      assertThatThrownBy(() -> scores(often)).hasMessageContaining("0 to 0.03125");
    }
  }
}
