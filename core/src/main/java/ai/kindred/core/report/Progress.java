package ai.kindred.core.report;

/**
 * How far a long job is, on standard error: a bar with rate and time left in a terminal, a line now
 * and then in a log.
 */
public interface Progress extends AutoCloseable {

  /**
   * Tells how far the job is.
   *
   * @param done how much is done in all, counted as the total is
   * @param message a few words, such as "loss 2.31"; may be empty
   */
  void step(long done, String message);

  /** Ends the display; what was shown last stays. */
  @Override
  void close();

  /**
   * A display that suits where standard error goes.
   *
   * @param task a word or two
   * @param unit what is counted, such as "steps"
   * @param done how much was done before, so that a resumed job shows an honest rate
   * @param total above 0
   */
  static Progress start(String task, String unit, long done, long total) {
    if (total < 1 || done < 0 || done > total) {
      throw new IllegalArgumentException(
          "progress of '%s' from %d to %d %s; needs 0 <= from <= to and to > 0"
              .formatted(task, done, total, unit));
    }
    return Terminal.isStandardError()
        ? new BarProgress(System.err, task, unit, done, total)
        : new LineProgress(System.err, System::nanoTime, task, unit, done, total);
  }

  /** A display that shows nothing. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void step(long done, String message) {}

      @Override
      public void close() {}
    };
  }
}
