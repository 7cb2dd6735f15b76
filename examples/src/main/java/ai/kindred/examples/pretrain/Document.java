package ai.kindred.examples.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A document to pretrain on.
 *
 * @param kind what it is
 * @param pieces the text in pieces, chat markers included where it is a chat; no end-of-text marker
 */
public record Document(Kind kind, List<Piece> pieces) {

  /** The kinds of document and the percentage of documents that each makes up. */
  public enum Kind {
    /** Facts of one to three made films. */
    FILM_FACTS(3),
    /** Questions about made films, with answers. */
    FILM_QUESTIONS(29),
    /** A user's ratings, half of the time after a summary. */
    HISTORY(4),
    /** A user's ratings and a summary of the taste behind them. */
    SUMMARY(3),
    /** A user's ratings or summary, questions about the future, and answers. */
    USER_QUESTIONS(16),
    /** A few sentences of everyday life. */
    PLAIN(3),
    /** People described in short sentences, questions about them, and answers. */
    READING(7),
    /** Lists that come again. */
    RECALL(11),
    /** An instruction with one to six inputs and outputs, or the same as a chat. */
    INSTRUCTION(24),
    /**
     * A long history, a summary, questions and answers: not in the mix, but {@link
     * PretrainingText#longDocument} beside it.
     */
    LONG_HISTORY(0);

    private final int percent;

    Kind(int percent) {
      this.percent = percent;
    }

    /** How many of a hundred documents are of this kind. */
    public int percent() {
      return percent;
    }
  }

  /**
   * A part of a text; between parts, words end.
   *
   * @param text not empty
   * @param weight how many times its tokens count in the loss, 1 or more
   */
  public record Piece(String text, int weight) {}

  public Document {
    pieces = List.copyOf(pieces);
  }

  /** The whole text. */
  public String text() {
    return pieces.stream().map(Piece::text).collect(Collectors.joining());
  }

  /**
   * A text that grows. Answers count more than the text around them: they are one token in twenty
   * or less, most others no reader could foresee, and a short run would else learn them last.
   */
  static final class Draft {

    /** Weight of the answer to a question. */
    static final int ANSWER = 6;

    /** Weight of what an instruction asks for. */
    static final int OUTPUT = 4;

    /** Weight of a summary. */
    static final int SUMMARY = 2;

    /** Weight of what a list said before. */
    static final int RECALLED = 3;

    private final List<Piece> pieces = new ArrayList<>();
    private String gap = "";

    Draft say(String text) {
      return add(text, 1);
    }

    /** A space and an answer. */
    Draft answer(String text, int weight) {
      return add(" " + text, weight);
    }

    /** An empty line before what is said next, unless nothing was said yet. */
    Draft paragraph() {
      gap = pieces.isEmpty() ? "" : "\n\n";
      return this;
    }

    Document as(Kind kind) {
      return new Document(kind, pieces);
    }

    private Draft add(String text, int weight) {
      if (!text.isEmpty()) {
        // Blanks and the word after them are cut together, so they stay in one piece.
        pieces.add(new Piece(gap + text, weight));
        gap = "";
      }
      return this;
    }
  }
}
