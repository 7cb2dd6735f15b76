package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
  private static final String SIZES =
      """
      "vocab_size": 320, "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "num_key_value_heads": 2""";

  private static ModelConfig parse(String type, String more) throws IOException {
    return ModelConfig.parse(
        "{\"model_type\": \"" + type + "\", " + SIZES + (more.isEmpty() ? "" : ", " + more) + "}",
        "test");
  }

  @Test
  void readsWhatTransformersWroteForSmolLm2() throws IOException {
    ModelConfig config = ModelConfig.read(TestFiles.data("smollm2-135m-instruct"));
    assertThat(config.family()).isEqualTo(Family.LLAMA);
    assertThat(config.vocabSize()).isEqualTo(49152);
    assertThat(config.hiddenSize()).isEqualTo(576);
    assertThat(config.intermediateSize()).isEqualTo(1536);
    assertThat(config.layers()).isEqualTo(30);
    assertThat(config.attention())
        .isEqualTo(new ModelConfig.Attention(9, 3, 64, 64, false, false, null, null));
    assertThat(config.rope(0)).isEqualTo(Rope.of(100_000));
    assertThat(config.rmsNormEps()).isEqualTo(1e-5);
    assertThat(config.maxPositions()).isEqualTo(8192);
    assertThat(config.tiedEmbeddings()).isTrue();
    assertThat(config.bosToken()).isEqualTo(1);
    assertThat(config.eosTokens()).containsExactly(2);
    assertThat(config.dtype()).isEqualTo(DType.BFLOAT16);
  }

  @Test
  void readsTheOldRopeFormOfStories260K() throws IOException {
    ModelConfig config = ModelConfig.read(TestFiles.data("stories260K/hf-converted"));
    assertThat(config.attention().headDim()).isEqualTo(8);
    assertThat(config.rope(4)).isEqualTo(Rope.of(10_000));
    assertThat(config.dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void readsGemma2AndGemma3Goldens() throws IOException {
    ModelConfig two = ModelConfig.read(TestFiles.golden("tiny-gemma2"));
    assertThat(two.attention())
        .isEqualTo(new ModelConfig.Attention(4, 2, 16, 16, false, false, 50.0, 16));
    assertThat(two.finalSoftcap()).isEqualTo(30.0);
    assertThat(two.layerTypes()).containsExactly(LayerType.SLIDING, LayerType.FULL);
    assertThat(two.activation()).isEqualTo(Activation.GELU_TANH);
    assertThat(two.embeddingScale()).isCloseTo(6.928203230275509, within(1e-12));
    assertThat(two.normOffset()).isEqualTo(1);

    ModelConfig three = ModelConfig.read(TestFiles.golden("tiny-gemma3"));
    assertThat(three.rope(0)).isEqualTo(Rope.of(10_000));
    assertThat(three.rope(1)).isEqualTo(Rope.of(1_000_000));
    assertThat(three.attention().softcap()).isNull();
    assertThat(three.family().hasQueryKeyNorm()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-gemma",
        "tiny-gemma2",
        "tiny-gemma3",
        "tiny-llama3-rope",
        "tiny-mistral",
        "tiny-qwen2",
        "tiny-qwen3"
      })
  void writesWhatItReads(String folder) throws IOException {
    ModelConfig config = ModelConfig.read(TestFiles.golden(folder));
    assertThat(ModelConfig.parse(config.toJson(), "written")).isEqualTo(config);
    // A reader that knows only one of the two spellings of rotary settings sees the same.
    String old = config.toJson().replace("\"rope_parameters\"", "\"not_read\"");
    assertThat(ModelConfig.parse(old, "old spelling")).isEqualTo(config);
  }

  @Test
  void writesEveryOptionThatItReads() throws IOException {
    List<ModelConfig> configs =
        List.of(
            parse(
                "llama", "\"attention_bias\": true, \"mlp_bias\": true, \"eos_token_id\": [2, 7]"),
            parse("llama", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}"),
            parse("mistral", "\"sliding_window\": 64"),
            parse("qwen2", "\"use_sliding_window\": true, \"max_window_layers\": 2"),
            parse("gemma2", "\"attn_logit_softcapping\": null"),
            parse("gemma3_text", "\"sliding_window_pattern\": 3, \"head_dim\": 16"));
    for (ModelConfig config : configs) {
      assertThat(ModelConfig.parse(config.toJson(), "written")).isEqualTo(config);
    }
  }

  @Test
  void defaultsAreTransformersOwn() throws IOException {
    ModelConfig llama = parse("llama", "");
    assertThat(llama.tiedEmbeddings()).isFalse();
    assertThat(llama.attention().queryKeyValueBias()).isFalse();
    assertThat(llama.maxPositions()).isEqualTo(2048);
    assertThat(llama.rmsNormEps()).isEqualTo(1e-6);
    assertThat(llama.activation()).isEqualTo(Activation.SILU);

    ModelConfig qwen2 = parse("qwen2", "\"sliding_window\": 8");
    assertThat(qwen2.attention().queryKeyValueBias()).isTrue();
    assertThat(qwen2.attention().outputBias()).isFalse();
    assertThat(qwen2.attention().slidingWindow()).isNull();
    assertThat(qwen2.eosTokens()).isEmpty();

    assertThat(parse("qwen3", "").attention().headDim()).isEqualTo(128);
    assertThat(parse("mistral", "").layerTypes())
        .isEqualTo(Collections.nCopies(4, LayerType.SLIDING));
    assertThat(parse("mistral", "\"sliding_window\": null").layerTypes())
        .isEqualTo(Collections.nCopies(4, LayerType.FULL));

    ModelConfig gemma = parse("gemma", "");
    assertThat(gemma.tiedEmbeddings()).isTrue();
    assertThat(gemma.activation()).isEqualTo(Activation.GELU_TANH);
    assertThat(gemma.bosToken()).isEqualTo(2);
    assertThat(gemma.eosTokens()).containsExactly(1);

    ModelConfig gemma2 = parse("gemma2", "");
    assertThat(gemma2.attention().softcap()).isEqualTo(50.0);
    assertThat(gemma2.attention().scale()).isCloseTo(1.0 / 16, within(1e-15));
    assertThat(gemma2.layerTypes())
        .containsExactly(LayerType.SLIDING, LayerType.FULL, LayerType.SLIDING, LayerType.FULL);
  }

  @Test
  void readsTheTextHalfOfMultimodalGemma3() throws IOException {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "gemma3", "eos_token_id": [1, 106], "torch_dtype": "bfloat16",
             "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
               "num_hidden_layers": 34, "sliding_window": 1024, "model_type": "gemma3_text",
               "rope_scaling": {"factor": 8.0, "rope_type": "linear"}},
             "vision_config": {"hidden_size": 1152}}""",
            "test");
    assertThat(config.vocabSize()).isEqualTo(262_208);
    assertThat(config.attention())
        .isEqualTo(new ModelConfig.Attention(8, 4, 256, 256, false, false, null, 1024));
    assertThat(config.layerTypes().subList(0, 6))
        .containsExactly(
            LayerType.SLIDING,
            LayerType.SLIDING,
            LayerType.SLIDING,
            LayerType.SLIDING,
            LayerType.SLIDING,
            LayerType.FULL);
    assertThat(config.rope(0)).isEqualTo(Rope.of(10_000));
    assertThat(config.rope(5)).isEqualTo(new Rope(1e6, new Rope.Scaling.Linear(8)));
    assertThat(config.eosTokens()).containsExactly(1, 106);
    assertThat(config.dtype()).isEqualTo(DType.BFLOAT16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_size\": 0 | hidden_size is 0; it must be from 1 to 131072",
        "\"hidden_size\": \"48\" | hidden_size is \"48\"; expected a whole number",
        "\"hidden_size\": 4e99 | hidden_size is 4.0E99; expected a whole number",
        "\"num_hidden_layers\": 2000000000 | num_hidden_layers is 2000000000; it must be from 1",
        "\"num_key_value_heads\": 3 | num_key_value_heads is 3; it must divide",
        "\"num_attention_heads\": 0 | num_attention_heads is 0",
        "\"num_attention_heads\": 5 | hidden_size is 48, not a multiple of num_attention_heads",
        "\"head_dim\": 7 | head_dim is 7; rotary embedding needs an even number",
        "\"rms_norm_eps\": -1 | rms_norm_eps is -1.0",
        "\"rope_theta\": 0 | rope_theta is 0.0; it must be above 0",
        "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 2} | rope_type is yarn; supported",
        "\"rope_scaling\": {\"type\": \"dynamic\"} | rope_type is dynamic; supported are",
        "\"rope_parameters\": {\"rope_type\": \"linear\"} | factor is NaN; it must be from 1",
        "\"rope_parameters\": 3 | rope_parameters is 3; expected an object",
        "\"hidden_act\": \"relu\" | hidden_act is relu; supported are silu",
        "\"eos_token_id\": 320 | eos_token_id is 320; it must be from 0 to 319",
        "\"eos_token_id\": [\"a\"] | eos_token_id is \"a\"; expected a whole number",
        "\"tie_word_embeddings\": 1 | tie_word_embeddings is 1; expected true or false",
        "\"torch_dtype\": \"int8\" | torch_dtype is int8; supported are",
        "\"max_position_embeddings\": 99999999999 | max_position_embeddings is 99999999999; expected",
      })
  void refusesAndNamesTheField(String change, String message) {
    String field = change.substring(0, change.indexOf(':'));
    String sizes = SIZES.replaceAll(field + ": \\d+,? ?", "").strip();
    String comma = sizes.endsWith(",") ? "" : ",";
    String json = "{\"model_type\": \"llama\", " + sizes + comma + change + "}";
    assertThatThrownBy(() -> ModelConfig.parse(json, "dir/config.json"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageStartingWith("dir/config.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void refusesOtherFamiliesAndMissingFiles(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> ModelConfig.parse("{\"model_type\": \"mamba\"}", "x"))
        .hasMessageContaining("model_type is mamba; known are llama, mistral, qwen2");
    assertThatThrownBy(() -> ModelConfig.parse("[]", "x")).hasMessageContaining("a JSON object");
    assertThatThrownBy(() -> ModelConfig.read(folder)).hasMessageContaining("no config.json here");
    assertThatThrownBy(() -> parse("qwen3", "\"layer_types\": [\"full_attention\"]"))
        .hasMessageContaining("layer_types has 1 entries, but num_hidden_layers is 4");
    assertThatThrownBy(
            () -> ModelConfig.parse("{\"model_type\": \"llama\", \"vocab_size\": 5}", "x"))
        .hasMessageContaining("num_hidden_layers is missing");
  }

  @Test
  void damagedFilesGiveExceptionsOnly() throws IOException {
    byte[] good = Files.readAllBytes(TestFiles.golden("tiny-gemma3").resolve("config.json"));
    SplittableRandom random = Key.of(7).fold("damage").random();
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      if (i % 3 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(good.length));
      } else {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      String text = new String(bad, StandardCharsets.UTF_8);
      try {
        assertThat(ModelConfig.parse(text, "damaged").layers()).isPositive();
      } catch (IOException e) {
        assertThat(e).hasMessageStartingWith("damaged: ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(150);
  }
}
