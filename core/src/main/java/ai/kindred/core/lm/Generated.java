package ai.kindred.core.lm;

import java.util.Arrays;

/**
 * What a model wrote after a prompt.
 *
 * @param ids new tokens; where the model ended the text, the last is its end-of-text token, as in
 *     transformers
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

  /** The first tokens only, where the text turned out to end there. */
  Generated stoppedAfter(int tokens) {
    return new Generated(
        Arrays.copyOf(ids, tokens), Arrays.copyOf(logProbabilities, tokens), Stop.STOPPED);
  }
}
