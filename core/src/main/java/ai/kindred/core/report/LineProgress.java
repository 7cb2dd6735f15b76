package ai.kindred.core.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A line for a log: at the first step, then at every tenth of the way or half a minute, at last.
 */
final class LineProgress implements Progress {
  private static final long QUIET_NANOS = Duration.ofSeconds(30).toNanos();

  /** Tenths that pass faster than this are left out. */
  private static final long DENSE_NANOS = Duration.ofSeconds(2).toNanos();

  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final String task;
  private final String unit;
  private final long from;
  private final long total;
  private final long start;
  private long done;
  private String message = "";
  private long shownDone = -1;
  private long shownAt;

  LineProgress(
      PrintStream out, LongSupplier nanoTime, String task, String unit, long done, long total) {
    this.out = out;
    this.nanoTime = nanoTime;
    this.task = Text.oneLine(task);
    this.unit = Text.oneLine(unit);
    this.from = done;
    this.done = done;
    this.total = total;
    this.start = nanoTime.getAsLong();
  }

  @Override
  public synchronized void step(long newDone, String newMessage) {
    done = newDone;
    message = Text.oneLine(newMessage);
    long now = nanoTime.getAsLong();
    boolean tenth = done * 10 / total > shownDone * 10 / total && now - shownAt >= DENSE_NANOS;
    if (shownDone < 0 || tenth || now - shownAt >= QUIET_NANOS) {
      show(now);
    }
  }

  private void show(long now) {
    shownDone = done;
    shownAt = now;
    double seconds = Math.max(1e-9, (now - start) / 1e9);
    double rate = (done - from) / seconds;
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(Locale.ROOT, "%s: %d/%d %s (%d %%)", task, done, total, unit, percent()));
    if (rate > 0) {
      line.append(String.format(Locale.ROOT, ", %.3g/s", rate));
      if (done < total) {
        long left = (long) Math.min(1e12, (total - done) / rate * 1000);
        line.append(", ").append(Durations.words(Duration.ofMillis(left))).append(" left");
      }
    }
    if (!message.isEmpty()) {
      line.append(", ").append(message);
    }
    out.println(line);
  }

  private long percent() {
    return Math.round(100.0 * done / total);
  }

  @Override
  public synchronized void close() {
    if (done != shownDone) {
      show(nanoTime.getAsLong());
    }
  }
}
