package ai.kindred.core.lm;

/**
 * What a model wrote after a prompt.
 *
 * @param ids new tokens, the one that ended the text left out
 * @param logProbabilities the model's log-probability of each, at temperature 1 and before any
 *     filter
 * @param stop why it ended
 */
@SuppressWarnings("ArrayRecordComponent") // results, not compared
public record Generated(int[] ids, float[] logProbabilities, Stop stop) {

  /** Why a text ended. */
  public enum Stop {
    /** The model ended it. */
    END_OF_TEXT,
    /** It reached the number of tokens asked for. */
    LENGTH,
    /** A stop string occurred, or the listener said so. */
    STOPPED
  }
}
