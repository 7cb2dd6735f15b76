package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTokenizerTest {
  @Test
  void idsAreTransformersOnes() throws IOException {
    JsonNode golden = Json.read(TestFiles.golden("smollm2-logits.json"), Json.Limits.CONFIG);
    try (Tokenizer tokenizer = Tokenizer.load(TestFiles.data("smollm2-135m-instruct"))) {
      for (JsonNode text : golden.get("texts")) {
        int[] ids = tokenizer.encode(text.get("text").asText(), true);
        assertThat(ids).isEqualTo(ints(text.get("ids")));
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text.get("text").asText());
      }
      for (JsonNode chat : golden.get("chats")) {
        int[] ids = tokenizer.encode(chat.get("rendered").asText(), false);
        assertThat(ids).isEqualTo(ints(chat.get("prompt_ids")));
        assertThat(tokenizer.decode(ints(chat.get("greedy_ids")), true))
            .isEqualTo(chat.get("greedy_text").asText());
      }
      assertThat(tokenizer.vocabSize()).isEqualTo(49152);
      SpecialTokens special = tokenizer.specialTokens();
      assertThat(special.bosText()).isEqualTo("<|im_start|>");
      assertThat(special.bos()).isEqualTo(1);
      assertThat(special.eosText()).isEqualTo("<|im_end|>");
      assertThat(special.stops()).containsExactly(2);
    }
  }

  @Test
  void longTextsAreNotTruncated() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(TestFiles.data("smollm2-135m-instruct"))) {
      String text = "The quick brown fox. ".repeat(5_000);
      int[] ids = tokenizer.encode(text, true);
      assertThat(ids.length).isGreaterThan(20_000);
      assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
      String spaces = " ".repeat(200_000);
      assertThat(tokenizer.decode(tokenizer.encode(spaces, true), false)).isEqualTo(spaces);
    }
  }

  @Test
  void streamedTextIsTheWholeText() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(TestFiles.data("smollm2-135m-instruct"))) {
      String text = "Zażółć gęślą jaźń \u6ce8\u91ca \ud83d\ude00\ud83d\udc68\u200d\ud83d\udc69 end";
      StreamDecoder stream = tokenizer.stream(true);
      StringBuilder joined = new StringBuilder();
      for (int id : tokenizer.encode(text, false)) {
        String part = stream.push(id);
        assertThat(part).doesNotContain("\uFFFD");
        joined.append(part);
      }
      assertThat(joined.toString()).isEqualTo(text);
      assertThat(stream.finish()).isEmpty();

      // The first two bytes of a four-byte character: held back, then given as they are.
      int[] ids = tokenizer.encode("\ud83d\ude00", false);
      assertThat(stream.push(ids[0])).isEmpty();
      assertThat(stream.finish()).isEqualTo("\uFFFD");
    }
  }

  @Test
  void streamingSkipsSpecialTokensAndNeverHoldsBrokenTextForLong() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(TestFiles.data("smollm2-135m-instruct"))) {
      int[] broken = new int[200];
      Arrays.fill(broken, tokenizer.encode("\ud83d\ude00", false)[0]);
      StreamDecoder stream = tokenizer.stream(true);
      StringBuilder joined = new StringBuilder();
      for (int id : broken) {
        joined.append(stream.push(id));
      }
      assertThat(joined.length()).isGreaterThan(100);
      stream.finish();
      String parts = stream.push(1) + stream.push(504) + stream.push(2) + stream.push(2365);
      assertThat(parts).isEqualTo("The quick");
    }
  }

  @Test
  void idsOutsideTheVocabularyAreNamed(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), SmallTokenizer.JSON);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThatThrownBy(() -> tokenizer.decode(new int[] {0, 99}, true))
          .hasMessage("token id 99 at position 1 is not from 0 to 7");
      assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, true))
          .hasMessageContaining("token id -1 at position 0");
      assertThat(tokenizer.decode(new int[0], true)).isEmpty();
      assertThatThrownBy(() -> tokenizer.encode("a".repeat(Tokenizer.MAX_TEXT + 1), true))
          .hasMessageContaining("the text has 4194305 characters; at most 4194304");
      assertThat(tokenizer.encode("ab\ud800a\u0000b", true)).startsWith(6, 2);
    }
  }

  @Test
  void specialTokensComeFromEveryConfig(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), SmallTokenizer.JSON);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": \"</s>\"}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.specialTokens())
          .isEqualTo(new SpecialTokens("<s>", 6, "</s>", 7, Set.of(7)));
      assertThat(tokenizer.encode("ab", true)).containsExactly(6, 2);
      assertThat(tokenizer.encode("ab", false)).containsExactly(2);
      assertThat(tokenizer.decode(new int[] {6, 2, 7}, true)).isEqualTo("ab");
    }
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 3}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.specialTokens().stops()).containsExactly(3);
    }
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [4, 5]}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.specialTokens().stops()).containsExactlyInAnyOrder(4, 5);
    }
  }

  @Test
  void aFolderWithoutATokenizerSaysWhatIsMissing(@TempDir Path folder) throws IOException {
    assertThat(Tokenizer.find(folder)).isEmpty();
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("no tokenizer.json")
        .hasMessageContaining("give token ids");
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).intValue();
    }
    return values;
  }
}
