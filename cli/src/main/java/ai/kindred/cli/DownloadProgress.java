package ai.kindred.cli;

import ai.kindred.core.io.HubDownload.Observer;
import ai.kindred.core.report.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** A bar a file, in kilobytes; files that are there already get a line. */
final class DownloadProgress implements Observer, AutoCloseable {

  private static final long UNIT = 1000;

  private final PrintWriter err;
  private Progress progress = Progress.silent();
  private long present;

  DownloadProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public synchronized void file(String name, long here, long total) {
    progress.close();
    present = here;
    if (here == total) {
      progress = Progress.silent();
      err.println(name + ": complete");
    } else {
      progress = Progress.start(name, "kB", here / UNIT, Math.max(1, total / UNIT));
    }
  }

  @Override
  public synchronized void advance(long bytes) {
    present += bytes;
    progress.step(present / UNIT, "");
  }

  @Override
  public synchronized void retry(String name, String reason, Duration wait) {
    progress.close();
    progress = Progress.silent();
    err.printf(Locale.ROOT, "%s; trying again in %.1f s%n", reason, wait.toMillis() / 1000.0);
  }

  @Override
  public synchronized void close() {
    progress.close();
  }
}
