package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.lm.BpeTrainer;
import ai.kindred.core.lm.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizedTextTest {

  private static final int CONTEXT = 512;

  @TempDir Path folder;

  private TokenizedText stream(int context) throws IOException {
    PretrainingText text = new PretrainingText(Key.of(1), ExcludedText.inputsOf(List.of()));
    BpeTrainer trainer = new BpeTrainer();
    text.documents(0).limit(300).forEach(d -> trainer.add(d.text()));
    trainer.train(600).write(folder, context);
    return new TokenizedText(text, Tokenizer.load(folder), context, 10);
  }

  @Test
  void anExampleIsADocumentAndItsEnd() throws IOException {
    TokenizedText stream = stream(4096);
    for (long index = 0; index < 9; index++) {
      TokenizedExample example = stream.example(stream.document(index));
      int[] ids = new int[1 + example.target().length];
      ids[0] = example.prompt()[0];
      System.arraycopy(example.target(), 0, ids, 1, example.target().length);

      assertThat(example.prompt()).hasSize(1);
      assertThat(stream.tokenizer().decode(ids, false))
          .isEqualTo(stream.document(index).text() + "<|endoftext|>");
    }
  }

  @Test
  void oneInTenIsLongAndKeepsItsEnd() throws IOException {
    TokenizedText stream = stream(CONTEXT);
    for (long index = 9; index < 200; index += 10) {
      Document document = stream.document(index);
      TokenizedExample example = stream.example(document);
      assertThat(document.kind()).isEqualTo(Document.Kind.LONG_HISTORY);
      assertThat(document.text().split("\n")).hasSizeBetween(31 + 4, 191 + 25);
      assertThat(example.length()).isEqualTo(CONTEXT);
      String seen = stream.tokenizer().decode(example.target(), true);
      assertThat(document.text()).endsWith(seen);
      assertThat(seen).contains("Summary: ").contains("\nAnswer: ");
    }
  }

  @Test
  void aBatchIsItsDocumentsInOrder() throws IOException {
    TokenizedText stream = stream(4096);
    PackedBatch batch = stream.batch(5, 6);
    assertThat(batch.examples()).isEqualTo(6);
    for (int b = 0; b < 6; b++) {
      int[] own = Arrays.copyOfRange(batch.ids(), batch.starts()[b], batch.starts()[b + 1]);
      TokenizedExample example = stream.example(stream.document(5 + b));
      assertThat(own).hasSize(example.length()).startsWith(example.prompt());
    }
    assertThat(batch.targetPositions()).isSorted();
    assertThat(Arrays.stream(batch.targetPositions()).distinct()).hasSize(batch.tokens());
  }

  /** Pieces are cut where words end, so the model reads what users will give it. */
  @Test
  void piecesHaveTheTokensOfTheWholeText() throws IOException {
    TokenizedText stream = stream(4096);
    for (long index = 0; index < 300; index++) {
      Document document = stream.text().document(index);
      int[] whole = stream.tokenizer().encode(document.text(), false);
      TokenizedExample example = stream.example(document);
      assertThat(example.prompt()).containsExactly(whole[0]);
      assertThat(Arrays.copyOf(example.target(), example.target().length - 1))
          .containsExactly(Arrays.copyOfRange(whole, 1, whole.length));
    }
  }

  @Test
  void answersCountSeveralTimes() throws IOException {
    TokenizedText stream = stream(4096);
    long asking = 0;
    while (stream.document(asking).kind() != Document.Kind.FILM_QUESTIONS) {
      asking++;
    }
    String text = stream.document(asking).text();
    PackedBatch batch = stream.batch(asking, 1);
    String before = text.substring(0, text.indexOf("\nAnswer:") + "\nAnswer:".length());
    int answer = stream.tokenizer().encode(before, false).length;

    assertThat(times(batch, answer)).isEqualTo(Document.Draft.ANSWER);
    assertThat(times(batch, answer - 1)).isEqualTo(1);
    assertThat(times(batch, 1)).isEqualTo(1);
  }

  /** How many times the token of a place counts. */
  private static long times(PackedBatch batch, int place) {
    return Arrays.stream(batch.targetPositions()).filter(p -> p == place - 1).count();
  }

  @Test
  void longHistoriesAreAboutTheSameFilms() {
    assertThat(PretrainingText.LONG_WORLD.films()).isEqualTo(PretrainingText.WORLD.films());
    assertThat(PretrainingText.LONG_WORLD.user(3).history()).hasSize(190);
  }
}
