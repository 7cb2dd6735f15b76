package ai.kindred.reliability;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A model that knows nothing, with everything that protection meets: biases, norms, a head. */
final class SmallModel {

  private SmallModel() {}

  static Path folder(Path folder) throws IOException {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "qwen2", "vocab_size": 260, "hidden_size": 64, "intermediate_size": 96,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 128, "tie_word_embeddings": true, "eos_token_id": 2,
             "torch_dtype": "float32"}""",
            "test");
    try (Scope scope = Scope.open()) {
      scope.adopt(LanguageModel.initialised(config, null, Key.of(1))).save(folder);
    }
    return folder;
  }

  static LanguageModel int8(Path folder) throws IOException {
    return LanguageModel.load(folder, Precision.INT8);
  }

  /** Scores of the tokens after a few, read in one batch. */
  static float[] logits(LanguageModel model) {
    try (Scorer scorer = new Scorer(model)) {
      PackedBatch batch =
          PackedBatch.of(
              List.of(
                  new TokenizedExample(new int[] {5, 6, 7, 200}, new int[] {9, 10}, 0),
                  new TokenizedExample(new int[] {250}, new int[] {3}, 0)));
      return Scope.tidy(
          () -> {
            Tensor logits = scorer.logits(batch);
            return logits.toFloats();
          });
    }
  }
}
