package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanguageModelTargetTest {

  private static LanguageModel model() throws Exception {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "vocab_size": 50, "hidden_size": 32, "intermediate_size": 48,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 64, "tie_word_embeddings": true, "eos_token_id": 2,
             "torch_dtype": "float32"}""",
            "test");
    return LanguageModel.initialised(config, null, Key.of(1));
  }

  @Test
  void measuresWithTheWeightsGiven() throws Exception {
    int live = Scope.live();
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(model());
      int[] ids = IntStream.range(0, 40).map(i -> (i * 7) % 50).toArray();
      LanguageModelTarget target = new LanguageModelTarget(model, ids, 16);
      assertThat(target.tokens()).isEqualTo(15 + 15 + 7);
      assertThat(target.matrices()).hasSize(14).allMatch(m -> m.perScale() % 16 == 0);
      double own = target.evaluate(target);
      assertThat(own).isBetween(3.0, 5.0); // knows nothing: log 50 = 3.9
      assertThat(target.evaluate(target)).isEqualTo(own);
      EncodedNetwork int8 = new EncodedNetwork(target, Strategy.named("none").get(0));
      assertThat(target.evaluate(int8)).isNotEqualTo(own).isCloseTo(own, within(0.02));
      // No numbers are a guess.
      double broken =
          target.evaluate(
              name -> {
                float[] w = target.weights(name);
                w[0] = Float.NaN;
                return w;
              });
      assertThat(broken).isCloseTo(Math.log(50), within(1e-9));
      assertThatThrownBy(() -> new LanguageModelTarget(model, new int[] {1}, 16))
          .hasMessageContaining("a text of 1 tokens");
    }
    assertThat(Scope.live()).isEqualTo(live);
  }
}
