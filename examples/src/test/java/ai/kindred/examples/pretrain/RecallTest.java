package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.examples.pretrain.Document.Draft;
import ai.kindred.examples.pretrain.Document.Kind;
import ai.kindred.examples.pretrain.Document.Piece;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecallTest {

  /** All that counts more was said before, so a reader who finds and copies is never wrong. */
  @Test
  void whatIsAskedWasSaidBefore() {
    Recall recall = new Recall(PretrainingText.WORLD);
    SplittableRandom random = Key.of(1).random();
    int reversed = 0;
    int lists = 0;
    for (int i = 0; i < 500; i++) {
      Draft draft = new Draft();
      recall.add(draft, random);
      Document document = draft.as(Kind.RECALL);
      List<Piece> answers =
          document.pieces().stream().filter(p -> p.weight() == Draft.RECALLED).toList();
      StringBuilder said = new StringBuilder();
      for (Piece piece : document.pieces()) {
        if (piece.weight() == Draft.RECALLED) {
          assertThat(said).contains(piece.text().strip());
        }
        said.append(piece.text());
      }
      assertThat(answers.stream().map(Piece::text)).doesNotHaveDuplicates();
      assertThat(answers).hasSizeLessThanOrEqualTo(8).isNotEmpty();
      reversed += document.text().contains("\n\nReversed:") ? 1 : 0;
      lists += document.text().startsWith("List:") ? 1 : 0;
    }
    assertThat(lists).isBetween(290, 380);
    assertThat(reversed).isBetween(lists / 3, 2 * lists / 3);
  }
}
