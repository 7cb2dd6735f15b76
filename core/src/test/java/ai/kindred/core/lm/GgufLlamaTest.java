package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Json;
import ai.kindred.core.kernel.Key;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GgufLlamaTest {
  private static final Map<String, Object> SMOLLM2 =
      Map.ofEntries(
          Map.entry("general.architecture", "llama"),
          Map.entry("llama.vocab_size", 49152L),
          Map.entry("llama.context_length", 8192L),
          Map.entry("llama.embedding_length", 576L),
          Map.entry("llama.block_count", 30L),
          Map.entry("llama.feed_forward_length", 1536L),
          Map.entry("llama.attention.head_count", 9L),
          Map.entry("llama.attention.head_count_kv", 3L),
          Map.entry("llama.rope.dimension_count", 64L),
          Map.entry("llama.rope.freq_base", 100_000f),
          Map.entry("llama.attention.layer_norm_rms_epsilon", 1e-5f),
          Map.entry("tokenizer.ggml.bos_token_id", 1L),
          Map.entry("tokenizer.ggml.eos_token_id", 2L));

  @Test
  void metadataGivesTheArchitectureOfTheHuggingFaceFolder() throws IOException {
    ModelConfig gguf = GgufLlama.config(SMOLLM2, Set.of("token_embd.weight"), "model.gguf");
    ModelConfig folder = ModelConfig.read(TestFiles.data("smollm2-135m-instruct"));
    assertThat(gguf)
        .usingRecursiveComparison()
        .ignoringFields("rmsNormEps", "dtype")
        .isEqualTo(folder);
    assertThat((float) gguf.rmsNormEps()).isEqualTo(1e-5f);
    assertThat(GgufLlama.config(SMOLLM2, Set.of("output.weight"), "m").tiedEmbeddings()).isFalse();
  }

  @Test
  void refusesWhatItCannotKnow() {
    Map<String, Object> other = new HashMap<>(SMOLLM2);
    other.put("general.architecture", "gemma2");
    assertThatThrownBy(() -> GgufLlama.config(other, Set.of(), "m.gguf"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("m.gguf: general.architecture is gemma2");
    assertThatThrownBy(() -> GgufLlama.config(SMOLLM2, Set.of("rope_freqs.weight"), "m.gguf"))
        .hasMessageContaining("rope_freqs.weight");
    Map<String, Object> huge = new HashMap<>(SMOLLM2);
    huge.put("llama.block_count", 1L << 40);
    assertThatThrownBy(() -> GgufLlama.config(huge, Set.of(), "m.gguf"))
        .hasMessageContaining("llama.block_count is 1099511627776; expected a whole number");
    Map<String, Object> missing = new HashMap<>(SMOLLM2);
    missing.remove("llama.embedding_length");
    assertThatThrownBy(() -> GgufLlama.config(missing, Set.of(), "m.gguf"))
        .hasMessageContaining("llama.embedding_length is missing");
  }

  @Test
  void hostileMetadataGiveExceptionsOnly() {
    List<Object> junk =
        List.of(
            0L, -1L, 7L, 1L << 31, 1L << 62, 0f, -1f, 1e38f, Float.NaN, true, "", "llama",
            List.of());
    List<String> keys = SMOLLM2.keySet().stream().sorted().toList();
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      SplittableRandom random = Key.of(6).fold("metadata").fold(i).random();
      Map<String, Object> bad = new HashMap<>(SMOLLM2);
      for (int changes = 1 + i % 2; changes > 0; changes--) {
        String key = keys.get(random.nextInt(keys.size()));
        if (random.nextInt(6) == 0) {
          bad.remove(key);
        } else {
          bad.put(key, junk.get(random.nextInt(junk.size())));
        }
      }
      try {
        assertThat(GgufLlama.config(bad, Set.of(), "m.gguf").layers()).isBetween(1, 1024);
      } catch (ModelFormatException e) {
        assertThat(e).as("%s", bad).hasMessageStartingWith("m.gguf: ");
        refused++;
      }
    }
    assertThat(refused).isBetween(150, 299);
  }

  @Test
  void namesAreHuggingFaces() {
    assertThat(GgufLlama.huggingFaceName("token_embd.weight"))
        .contains("model.embed_tokens.weight");
    assertThat(GgufLlama.huggingFaceName("output.weight")).contains("lm_head.weight");
    assertThat(GgufLlama.huggingFaceName("blk.12.attn_q.weight"))
        .contains("model.layers.12.self_attn.q_proj.weight");
    assertThat(GgufLlama.huggingFaceName("blk.0.ffn_norm.weight"))
        .contains("model.layers.0.post_attention_layernorm.weight");
    assertThat(GgufLlama.huggingFaceName("rope_freqs.weight")).isEmpty();
    assertThat(GgufLlama.huggingFaceName("blk.0.ffn_gate_exps.weight")).isEmpty();
  }

  /** Meta's layout, which llama2.c's file has, is GGUF's; the folder beside it was converted. */
  @Test
  void rowsAreThoseOfTheConvertedStories260K() throws IOException {
    ModelConfig config = ModelConfig.read(TestFiles.data("stories260K/hf-converted"));
    int hidden = config.hiddenSize();
    int layers = config.layers();
    ByteBuffer original = littleEndian("stories260K/stories260K.bin");
    int queries = 28 + 4 * (config.vocabSize() * hidden + layers * hidden);
    int keys = queries + 4 * layers * hidden * hidden;

    ByteBuffer converted = littleEndian("stories260K/hf-converted/model.safetensors");
    int header = (int) converted.getLong(0);
    byte[] headerText = new byte[header];
    converted.get(8, headerText);
    JsonNode names = Json.parse(headerText, "header", Json.Limits.CONFIG);
    for (String projection : List.of("q", "k")) {
      String gguf = "blk.1.attn_" + projection + ".weight";
      int heads = GgufLlama.permutedHeads(gguf, config);
      assertThat(heads).isEqualTo(projection.equals("q") ? 8 : 4);
      int[] rows = GgufLlama.huggingFaceRows(heads, config.attention().headDim());
      String name = GgufLlama.huggingFaceName(gguf).orElseThrow();
      int at = 8 + header + names.get(name).get("data_offsets").get(0).intValue();
      int from = (projection.equals("q") ? queries : keys) + 4 * rows.length * hidden;
      for (int row = 0; row < rows.length; row++) {
        for (int column = 0; column < hidden; column++) {
          assertThat(converted.getFloat(at + 4 * (row * hidden + column)))
              .isEqualTo(original.getFloat(from + 4 * (rows[row] * hidden + column)));
        }
      }
    }
    assertThat(GgufLlama.permutedHeads("blk.1.attn_v.weight", config)).isZero();
  }

  private static ByteBuffer littleEndian(String name) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(TestFiles.data(name))).order(ByteOrder.LITTLE_ENDIAN);
  }
}
