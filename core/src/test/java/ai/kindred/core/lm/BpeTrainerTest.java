package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.kindred.core.data.world.Phrasebook;
import ai.kindred.core.data.world.User;
import ai.kindred.core.data.world.World;
import ai.kindred.core.data.world.WorldConfig;
import ai.kindred.core.kernel.Key;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {

  private static final List<String> CORPUS = corpus();
  private static final List<String> SAMPLES =
      List.of(
          "",
          " ",
          "The Silent Harbor (1994; comedy, war): 4 stars\nWho directed it?",
          "  two  spaces \t tab\r\n\n\nlines   ",
          "I'll say it's Ada's, they've said; don't WE'RE 'tis",
          "12 345x6 ½ ² Ⅷ ٣ 1,000.50",
          "Amélie żółw Привет 日本語 עברית हिन्दी",
          "👩‍👩‍👧 e\u0301 \u00a0nbsp\u2003em \u0085nel \ufeffbom \u0000nul \u200bzw",
          "a<|endoftext|>b <|im_start|>user\nhello<|im_end|>\n<|pad|><|not|>",
          "xqzjkv_-~`^^[]{}\\\"/%$#@!");

  @TempDir Path folder;

  @Test
  void learnsTheTextbookExample() {
    // Pairs by hand: u+g 10 + 5 + 5 = 20; u+n 12 + 4 = 16; then h+ug 10 + 5 = 15.
    BpeTrainer trainer = new BpeTrainer();
    add(trainer, "hug", 10);
    add(trainer, "pug", 5);
    add(trainer, "pun", 12);
    add(trainer, "bun", 4);
    add(trainer, "hugs", 5);

    assertThat(trainer.train(260 + 3).merges())
        .containsExactly(
            new ByteLevelBpe.Merge("u", "g"),
            new ByteLevelBpe.Merge("u", "n"),
            new ByteLevelBpe.Merge("h", "ug"));
  }

  @Test
  void equalsTheTrainerThatCountsAnewAtEveryStep() {
    List<String> some = new ArrayList<>(CORPUS.subList(0, 30));
    some.add("aaaa aaaaa aaa abababab bababa aabaab");
    some.add("aaaa aaaaa aaa abababab bababa aabaab");
    BpeTrainer trainer = new BpeTrainer();
    some.forEach(trainer::add);

    assertThat(trainer.train(260 + 400).merges()).isEqualTo(naiveTrain(some, 400));
  }

  @Test
  void orderOfDocumentsDoesNotMatter() {
    List<String> reversed = new ArrayList<>(CORPUS);
    Collections.reverse(reversed);

    assertThat(train(reversed, 900)).isEqualTo(train(CORPUS, 900));
  }

  @Test
  void theTokenizersLibraryReadsTheFilesAndRoundTripsAnyText() throws IOException {
    ByteLevelBpe bpe = train(CORPUS, 1200);
    bpe.write(folder, 4096);

    assertThat(bpe.vocabulary()).hasSize(1200).doesNotHaveDuplicates();
    // DJL's tokenizer cuts at 512 tokens unless told not to.
    try (HuggingFaceTokenizer tokenizer =
        HuggingFaceTokenizer.builder().optTokenizerPath(folder).optTruncation(false).build()) {
      List<String> texts = new ArrayList<>(SAMPLES);
      texts.addAll(CORPUS.subList(0, 20));
      texts.add(String.join("\n", CORPUS.subList(0, 60)));
      SplittableRandom random = Key.of(1).fold("texts").random();
      for (int i = 0; i < 200; i++) {
        texts.add(anyText(random));
      }
      for (String text : texts) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        assertThat(ids).as(text).containsExactly(naiveEncode(bpe, text));
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("tokenizer.json", "tokenizer_config.json");
    }
  }

  @Test
  void ourTokenizerReadsTheFilesToo() throws Exception {
    ByteLevelBpe bpe = train(CORPUS, 1200);
    bpe.write(folder, 4096);

    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (String text : SAMPLES) {
        int[] ids = tokenizer.encode(text, false);
        assertThat(Arrays.stream(ids).asLongStream().toArray())
            .as(text)
            .containsExactly(naiveEncode(bpe, text));
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
      }
    }
  }

  @Test
  void chatTemplateIsChatMl() throws IOException {
    train(CORPUS, 300).write(folder, 512);
    JsonNode config = new ObjectMapper().readTree(folder.resolve("tokenizer_config.json").toFile());

    assertThat(config.get("model_max_length").asInt()).isEqualTo(512);
    assertThat(config.get("eos_token").asText()).isEqualTo("<|im_end|>");
    Map<String, Object> values = new HashMap<>();
    values.put("messages", List.of(Map.of("role", "user", "content", "Hi")));
    values.put("add_generation_prompt", true);
    assertThat(new Jinjava().render(config.get("chat_template").asText(), values))
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void smallCorporaStopEarlyAndBadSizesAreNamed() throws IOException {
    ByteLevelBpe empty = new BpeTrainer().train(5000);
    assertThat(empty.merges()).isEmpty();
    assertThat(empty.vocabulary()).hasSize(260);

    assertThatThrownBy(() -> new BpeTrainer().train(259))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A vocabulary of 259 is not 260 to 1,000,000");
    assertThatThrownBy(() -> empty.write(folder, 0))
        .hasMessage("modelMaxLength is 0, not 1 or more");
  }

  private static void add(BpeTrainer trainer, String word, int times) {
    for (int i = 0; i < times; i++) {
      trainer.add(word);
    }
  }

  private static ByteLevelBpe train(List<String> corpus, int size) {
    BpeTrainer trainer = new BpeTrainer();
    corpus.forEach(trainer::add);
    return trainer.train(size);
  }

  private static List<String> corpus() {
    World world = World.of(Key.of(4), WorldConfig.standard());
    Phrasebook phrases = new Phrasebook(world);
    List<String> corpus = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      User user = world.user(i);
      corpus.add(phrases.facts(world.film(i), Key.of(i)));
      corpus.add(phrases.summary(user.taste(), Key.of(i)));
      corpus.add(phrases.history(user.history().subList(0, 5), Phrasebook.Detail.FACTS));
    }
    return corpus;
  }

  /** Counts all pairs of all words anew before every merge. */
  private static List<ByteLevelBpe.Merge> naiveTrain(List<String> corpus, int merges) {
    List<String> ids = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      ids.add(String.valueOf(ByteLevel.character(b)));
    }
    List<List<String>> texts = new ArrayList<>();
    for (String document : corpus) {
      for (String word : ByteLevel.words(document)) {
        texts.add(bytes(word));
      }
    }
    List<ByteLevelBpe.Merge> result = new ArrayList<>();
    for (int step = 0; step < merges; step++) {
      Map<ByteLevelBpe.Merge, Long> counts = new HashMap<>();
      for (List<String> text : texts) {
        for (int i = 0; i + 1 < text.size(); i++) {
          counts.merge(new ByteLevelBpe.Merge(text.get(i), text.get(i + 1)), 1L, Long::sum);
        }
      }
      ByteLevelBpe.Merge best =
          Collections.min(
              counts.keySet(),
              (a, b) -> {
                int byCount = Long.compare(counts.getOrDefault(b, 0L), counts.getOrDefault(a, 0L));
                int byLeft = Integer.compare(ids.indexOf(a.left()), ids.indexOf(b.left()));
                int byRight = Integer.compare(ids.indexOf(a.right()), ids.indexOf(b.right()));
                return byCount != 0 ? byCount : byLeft != 0 ? byLeft : byRight;
              });
      result.add(best);
      if (!ids.contains(best.left() + best.right())) {
        ids.add(best.left() + best.right());
      }
      texts.forEach(text -> join(text, best));
    }
    return result;
  }

  /** Applies the merges one after another to each word. */
  private static long[] naiveEncode(ByteLevelBpe bpe, String text) {
    List<String> vocabulary = bpe.vocabulary();
    List<Long> ids = new ArrayList<>();
    String rest = text;
    while (!rest.isEmpty()) {
      int at = rest.length();
      String found = "";
      for (String special : ByteLevelBpe.SPECIAL_TOKENS) {
        int here = rest.indexOf(special);
        if (here >= 0 && here < at) {
          at = here;
          found = special;
        }
      }
      for (String word : ByteLevel.words(rest.substring(0, at))) {
        List<String> tokens = bytes(word);
        bpe.merges().forEach(merge -> join(tokens, merge));
        tokens.forEach(token -> ids.add((long) vocabulary.indexOf(token)));
      }
      if (!found.isEmpty()) {
        ids.add((long) vocabulary.indexOf(found));
      }
      rest = rest.substring(at + found.length());
    }
    return ids.stream().mapToLong(Long::longValue).toArray();
  }

  private static void join(List<String> tokens, ByteLevelBpe.Merge merge) {
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).equals(merge.left()) && tokens.get(i + 1).equals(merge.right())) {
        tokens.set(i, merge.left() + merge.right());
        tokens.remove(i + 1);
      }
    }
  }

  private static List<String> bytes(String word) {
    List<String> tokens = new ArrayList<>();
    ByteLevel.characters(word).chars().forEach(c -> tokens.add(String.valueOf((char) c)));
    return tokens;
  }

  private static String anyText(SplittableRandom random) {
    int[] ranges = {
      0x20, 0x7f, 0x09, 0x0e, 0xa0, 0x17f, 0x300, 0x36f, 0x3040, 0x30ff, 0x1f300, 0x1f64f
    };
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      int range = 2 * random.nextInt(ranges.length / 2);
      text.appendCodePoint(random.nextInt(ranges[range], ranges[range + 1]));
    }
    return text.toString();
  }
}
