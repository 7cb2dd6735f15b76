package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Random weights write random bytes: broken characters and all. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextGeneratorTest {

  private static final Generation SAMPLED = new Generation(60, Sampling.temperature(0.8), 5, true);

  private final Scope scope = Scope.open();
  private final LanguageModel model;
  private final TextGenerator writer;
  private final int before;

  TextGeneratorTest(@TempDir Path folder) throws IOException {
    before = Scope.live();
    model = LanguageModel.load(TinyModels.folder(folder.resolve("model")));
    writer = new TextGenerator(model);
  }

  @BeforeAll
  void speaks() {
    assertThat(writer.generate("Hello", SAMPLED).text()).hasSizeGreaterThan(10);
  }

  @AfterAll
  void nothingIsLeft() {
    writer.close();
    model.requireTokenizer().close();
    int models = scope.size();
    int live = Scope.live();
    scope.close();
    assertThat(live - models).isEqualTo(before);
  }

  /** The model has four rows more than its tokenizer has tokens. */
  private String decoded(int[] ids) {
    int[] known = Arrays.stream(ids).filter(i -> i < 260).toArray();
    return model.requireTokenizer().decode(known, true);
  }

  @Test
  void streamedTextIsTheWholeText() {
    List<String> prompts = List.of("Hello", "Once upon a time", "1 + 1 =");
    List<StringBuilder> streamed =
        List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
    List<GeneratedText> texts =
        writer.generate(
            prompts.stream().map(writer::encode).toList(),
            SAMPLED,
            List.of(),
            (s, piece) -> {
              streamed.get(s).append(piece);
              return true;
            });
    List<GeneratedText> again = writer.generate(prompts, SAMPLED);
    for (int s = 0; s < 3; s++) {
      GeneratedText t = texts.get(s);
      assertThat(t.text())
          .isEqualTo(decoded(t.tokens().ids()))
          .isEqualTo(streamed.get(s).toString())
          .isEqualTo(again.get(s).text());
      assertThat(t.prompt()).isEqualTo(model.requireTokenizer().encode(prompts.get(s), true));
      assertThat(t.tokens().ids()).hasSize(60);
    }
  }

  @Test
  void aTextEndsBeforeAStopString() {
    GeneratedText free = writer.generate("Hello", SAMPLED);
    List<int[]> prompt = List.of(writer.encode("Hello"));
    for (int at = 0; at + 3 < Math.min(free.text().length(), 40); at += 5) {
      String stop = free.text().substring(at, at + 3);
      StringBuilder streamed = new StringBuilder();
      GeneratedText cut =
          writer
              .generate(
                  prompt,
                  SAMPLED,
                  List.of("never", stop),
                  (s, piece) -> {
                    streamed.append(piece);
                    return true;
                  })
              .get(0);
      assertThat(cut.text())
          .isEqualTo(free.text().substring(0, free.text().indexOf(stop)))
          .isEqualTo(streamed.toString());
      assertThat(cut.tokens().stop()).isEqualTo(Generated.Stop.STOPPED);
      int[] ids = cut.tokens().ids();
      assertThat(ids).isEqualTo(Arrays.copyOf(free.tokens().ids(), ids.length));
      assertThat(cut.tokens().logProbabilities()).hasSameSizeAs(ids);
      // The last token completed the stop string.
      assertThat(decoded(ids)).contains(stop);
    }
  }

  @Test
  void conversationsAreWrittenByTheTemplate() {
    List<ChatTemplate.Message> talk = List.of(ChatTemplate.Message.user("Hi"));
    int[] ids = writer.encode(talk);
    assertThat(model.requireTokenizer().decode(ids, false))
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assertThat(ids[0]).isEqualTo(1);
    assertThat(writer.chat(talk, SAMPLED).prompt()).isEqualTo(ids);
  }

  @Test
  void aListenerStopsWithinANativeCall() {
    AtomicInteger calls = new AtomicInteger();
    GeneratedText t =
        writer
            .generate(
                List.of(writer.encode("Hello")),
                SAMPLED,
                List.of(),
                (s, piece) -> calls.incrementAndGet() < 2)
            .get(0);
    assertThat(t.tokens().stop()).isEqualTo(Generated.Stop.STOPPED);
    assertThat(t.tokens().ids()).hasSize(1 + Generator.STRIDE);
  }

  @Test
  void endOfTextIsNoText() {
    // Both of generation_config.json end a text; drawn at a high temperature one comes soon.
    Generation hot = Generation.sampled(120, Sampling.temperature(4), 1);
    List<GeneratedText> texts = writer.generate(java.util.Collections.nCopies(12, "a"), hot);
    List<GeneratedText> ended =
        texts.stream().filter(t -> t.tokens().stop() == Generated.Stop.END_OF_TEXT).toList();
    assertThat(ended).isNotEmpty();
    for (GeneratedText t : ended) {
      int[] ids = t.tokens().ids();
      assertThat(ids[ids.length - 1]).isIn(2, 3);
      assertThat(t.text()).isEqualTo(decoded(Arrays.copyOf(ids, ids.length - 1)));
    }
  }

  @Test
  void emptyPromptsAreRefused() {
    assertThatThrownBy(() -> writer.generate("", SAMPLED))
        .hasMessage("a prompt is empty; it needs at least one token");
    assertThat(writer.generate(List.of(), SAMPLED)).isEmpty();
  }
}
