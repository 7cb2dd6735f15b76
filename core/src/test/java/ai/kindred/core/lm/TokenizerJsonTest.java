package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library ends the JVM where a file breaks its assumptions, so these tests fail by dying. */
class TokenizerJsonTest {
  @TempDir private Path folder;

  /** Loads and, where that works, uses a tokenizer; true if the file was refused. */
  private boolean isRefused(byte[] file) throws IOException {
    Files.write(folder.resolve("tokenizer.json"), file);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int[] ids = tokenizer.encode("<s>ab abab  12 b\u00e9\ud83d\ude00</s> ", true);
      StreamDecoder stream = tokenizer.stream(false);
      for (int id : ids) {
        stream.push(id);
      }
      for (int id = 0; id < Math.min(20, tokenizer.vocabSize()); id++) {
        tokenizer.decode(new int[] {id, id}, id % 2 == 0);
      }
      return false;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("tokenizer.json");
      return true;
    } catch (RuntimeException e) {
      // The library found a fault only when it met the text; it says so, and lives.
      assertThat(e.getMessage()).isNotBlank();
      return true;
    }
  }

  @Test
  void theUndamagedFileIsRead() throws IOException {
    assertThat(isRefused(SmallTokenizer.JSON.getBytes(StandardCharsets.UTF_8))).isFalse();
  }

  @Test
  void truncatedAndBitFlippedFilesNeverEndTheJvm() throws IOException {
    byte[] good = SmallTokenizer.JSON.getBytes(StandardCharsets.UTF_8);
    SplittableRandom random = Key.of(3).fold("tokenizer damage").random();
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] bad = good.clone();
      if (i % 4 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(good.length));
      }
      for (int flips = i % 4; flips > 0; flips--) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      refused += isRefused(bad) ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(200);
  }

  @Test
  void hostileStructureNeverEndsTheJvm() throws IOException {
    byte[] good = SmallTokenizer.JSON.getBytes(StandardCharsets.UTF_8);
    SplittableRandom random = Key.of(4).fold("tokenizer structure").random();
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      refused += isRefused(HostileJson.restructured(good, random)) ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(300);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"special_tokens\": {\"<s>\" | \"special_tokens\": {\"x\" | post_processor.single refers to nothing",
        "\"ids\": [6] | \"ids\": [99] | post_processor.special_tokens has id 99, which no token has",
        "\"ids\": [6] | \"ids\": [6, 6] | ids and tokens are not lists of one length",
        "\"continuing_subword_prefix\": null | \"continuing_subword_prefix\": \"####\" | continuing_subword_prefix is \"####\"; only null",
        "\"stop\": 0 | \"stop\": 3 | decoder.stop is 3; only 0 is supported",
        "\"type\": \"BPE\" | \"type\": \"Unigram\" | model.type is Unigram; supported are BPE",
        "\"type\": \"NFC\" | \"type\": \"Precompiled\" | normalizer.type is \"Precompiled\"; supported are [ByteLevel",
        "\"dropout\": null | \"dropout\": 0.1 | model.dropout is 0.1; token ids would be random",
        "\"b\": 1 | \"b\": 0 | model.vocab: id 0 of \"b\" is taken",
        "\"b\": 1 | \"b\": -1 | model.vocab: id of \"b\" is -1; expected a whole number",
        "\"b\": 1 | \"b\": 4000000000 | model.vocab: id of \"b\" is 4000000000; expected a whole number",
        "\"id\": 7 | \"id\": 9 | added_tokens: id of \"</s>\" is 9, but by its place it is 7",
        "\"</s>\" | \"<s>\" | added_tokens has \"<s>\" twice",
        "[\"ab\", \"ab\"] | [\"ab\", \"zz\"] | Token `zz` out of vocabulary",
        "\\\\s+(?!\\\\S) | (\\\\s+)+x | pattern (\\s+)+x repeats a group",
        "\"unk_token\": \"?\" | \"unk_token\": \"!\" | model.unk_token is \"!\", which is not in",
      })
  void refusesAndSaysWhy(String from, String to, String message) throws IOException {
    assertThat(SmallTokenizer.JSON).contains(from);
    Files.writeString(folder.resolve("tokenizer.json"), SmallTokenizer.JSON.replace(from, to));
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("tokenizer.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(isRefused(deep.getBytes(StandardCharsets.UTF_8))).isTrue();
    String sequence = "{\"type\":\"Sequence\",\"normalizers\":[";
    String nested = sequence.repeat(100) + "]}".repeat(100);
    String json = SmallTokenizer.JSON.replace("{\"type\": \"NFC\"}", nested);
    assertThat(isRefused(json.getBytes(StandardCharsets.UTF_8))).isTrue();
  }
}
