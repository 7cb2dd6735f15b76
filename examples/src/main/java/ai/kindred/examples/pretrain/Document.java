package ai.kindred.examples.pretrain;

/**
 * A document to pretrain on.
 *
 * @param kind what it is
 * @param text the text, chat markers included where it is a chat; no end-of-text marker
 */
public record Document(Kind kind, String text) {

  /** The kinds of document and the percentage of documents that each makes up. */
  public enum Kind {
    /** Facts of one to three made films. */
    FILM_FACTS(16),
    /** Questions about made films, with answers. */
    FILM_QUESTIONS(10),
    /** A user's ratings. */
    HISTORY(3),
    /** A user's ratings and a summary of the taste behind them. */
    SUMMARY(7),
    /** A user's ratings or summary, questions about the future, and answers. */
    USER_QUESTIONS(14),
    /** A few sentences of everyday life. */
    PLAIN(12),
    /** An instruction with one to four inputs and outputs, or the same as a chat. */
    INSTRUCTION(38),
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
}
