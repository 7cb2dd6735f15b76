package ai.kindred.core.data;

import java.util.Arrays;

/**
 * One example as token ids.
 *
 * @param prompt ids that are only read, at least one (the first target is predicted from the last
 *     of them)
 * @param target ids to predict, at least one, the end-of-text id included where the model should
 *     learn to stop
 * @param task which task it belongs to, 0 or more
 */
@SuppressWarnings("ArrayRecordComponent") // ids go to kernels as arrays; nobody compares examples
public record TokenizedExample(int[] prompt, int[] target, int task) {

  /** Checks that both parts have an id. */
  public TokenizedExample {
    if (prompt.length == 0 || target.length == 0) {
      throw new IllegalArgumentException(
          "an example needs prompt and target ids: "
              + prompt.length
              + " prompt, "
              + target.length
              + " target ids in an example of task "
              + task);
    }
  }

  /** Positions it takes: the last target is predicted, never read. */
  public int length() {
    return prompt.length + target.length - 1;
  }

  /**
   * The example within a context: the start of the prompt is cut off (a beginning-of-text id with
   * it), and where the target alone is too long, its end as well. Returns this example where it
   * fits.
   *
   * @param contextLength at least 1
   */
  public TokenizedExample truncate(int contextLength) {
    if (contextLength < 1) {
      throw new IllegalArgumentException("a context has 1 or more positions, not " + contextLength);
    }
    if (length() <= contextLength) {
      return this;
    }
    int targets = Math.min(target.length, contextLength);
    int prompts = Math.min(prompt.length, contextLength - targets + 1);
    return new TokenizedExample(
        Arrays.copyOfRange(prompt, prompt.length - prompts, prompt.length),
        Arrays.copyOf(target, targets),
        task);
  }
}
