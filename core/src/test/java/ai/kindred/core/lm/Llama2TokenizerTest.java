package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Json;
import ai.kindred.core.kernel.Key;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Llama2TokenizerTest {
  /** Printed by llama2.c's run.c, as the checkpoint's notes say. */
  private static final String STORY =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
          + " One day, she saw a big, red ball. She wanted to play with it, but it was too high.\n"
          + "Lily's mom said, \"Lily, let's go to the park.\"";

  @Test
  void idsOfTheModelsOwnStoryAreThoseItWrote() throws IOException {
    Tokenizer tokenizer = Llama2Tokenizer.read(TestFiles.data("stories260K/tok512.bin"));
    JsonNode golden = Json.read(TestFiles.golden("stories260K-logits.json"), Json.Limits.CONFIG);
    JsonNode ids = golden.get("greedy").get(0).get("ids");
    int[] written = new int[ids.size() + 1];
    written[0] = 1;
    for (int i = 0; i < ids.size(); i++) {
      written[i + 1] = ids.get(i).intValue();
    }
    int[] encoded = tokenizer.encode(STORY, true);
    assertThat(encoded.length).isGreaterThan(70);
    assertThat(encoded).isEqualTo(Arrays.copyOf(written, encoded.length));
    assertThat(tokenizer.decode(encoded, true)).isEqualTo(STORY);

    StreamDecoder stream = tokenizer.stream(true);
    StringBuilder joined = new StringBuilder();
    for (int id : encoded) {
      joined.append(stream.push(id));
    }
    assertThat(joined.toString()).isEqualTo(STORY);
  }

  @Test
  void anyTextComesBack() throws IOException {
    Tokenizer tokenizer = Llama2Tokenizer.read(TestFiles.data("stories260K/tok512.bin"));
    assertThat(tokenizer.vocabSize()).isEqualTo(512);
    assertThat(tokenizer.encode("", true)).containsExactly(1);
    for (String text : new String[] {"x", " two  spaces ", "\u6ce8\ud83d\ude00\n", "<s>"}) {
      assertThat(tokenizer.decode(tokenizer.encode(text, true), true)).isEqualTo(text);
      assertThat(tokenizer.decode(tokenizer.encode(text, false), true)).isEqualTo(text);
    }
    // Linear-logarithmic: a quadratic merge would take minutes.
    String longText = "Once upon a time ".repeat(20_000);
    assertThat(tokenizer.decode(tokenizer.encode(longText, true), true)).isEqualTo(longText);
  }

  @Test
  void damagedFilesGiveExceptionsOnly(@TempDir Path folder) throws IOException {
    byte[] good = Files.readAllBytes(TestFiles.data("stories260K/tok512.bin"));
    SplittableRandom random = Key.of(5).fold("damage").random();
    Path file = folder.resolve("tokenizer.bin");
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      byte[] bad = good.clone();
      if (i % 2 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(good.length));
      } else {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bad);
      try {
        Tokenizer tokenizer = Tokenizer.load(folder);
        tokenizer.decode(tokenizer.encode("Lily saw \u00e9", true), true);
      } catch (ModelFormatException e) {
        assertThat(e).hasMessageContaining("tokenizer.bin: ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
    Files.write(file, new byte[] {1, 0});
    assertThatThrownBy(() -> Tokenizer.load(folder)).hasMessageContaining("truncated: no header");
  }
}
