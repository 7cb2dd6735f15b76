package ai.kindred.core.workers;

import java.io.Serial;

/** A task or a merge that failed, with the key it failed on; the cause is what it threw. */
public final class WorkException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private static final int LONGEST_KEY = 200;

  private final String what;
  private final String key;
  private final int index;

  /**
   * A failure of the work on a key.
   *
   * @param what what was being done, such as "working on"
   * @param key the key; its text is kept, so that the failure can travel whatever the key is
   * @param index the key's place in the list
   */
  public WorkException(String what, Object key, int index, Throwable cause) {
    super("failed %s %s (item %d): %s".formatted(what, shortened(key), index, cause), cause);
    this.what = what;
    this.key = shortened(key);
    this.index = index;
  }

  /** The same failure, with the key of its item. */
  WorkException on(Object named) {
    Throwable cause = getCause();
    return cause == null ? this : new WorkException(what, named, index, cause);
  }

  /** The key as text, shortened to 200 characters. */
  public String key() {
    return key;
  }

  /** The key's place in the list, from 0. */
  public int index() {
    return index;
  }

  private static String shortened(Object key) {
    String text = String.valueOf(key);
    return text.length() <= LONGEST_KEY ? text : text.substring(0, LONGEST_KEY) + "...";
  }
}
