package ai.kindred.cli;

import ai.kindred.core.io.HubDownload.Observer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** A line a file; at a terminal the line of the current file moves. */
final class DownloadProgress implements Observer {

  private static final long REFRESH_NANOS = 100_000_000;
  private static final int BAR = 24;

  private final PrintWriter err;
  private final boolean terminal;
  private String name = "";
  private long present;
  private long total;
  private long resumedAt;
  private long started;
  private long shown;

  DownloadProgress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public synchronized void file(String file, long here, long all) {
    if (!file.equals(name)) {
      close();
    }
    name = file;
    present = here;
    resumedAt = here;
    total = all;
    started = System.nanoTime();
    if (terminal) {
      show();
    } else {
      err.println(here == all ? file + ": here" : file + ": " + size(all - here) + " to fetch");
    }
  }

  @Override
  public synchronized void advance(long bytes) {
    present += bytes;
    if (terminal && (present == total || System.nanoTime() - shown > REFRESH_NANOS)) {
      show();
    }
  }

  @Override
  public synchronized void retry(String file, String reason, Duration wait) {
    endLine();
    err.printf(Locale.ROOT, "%s; trying again in %.1f s%n", reason, wait.toMillis() / 1000.0);
  }

  /** Ends the last line. */
  synchronized void close() {
    if (!name.isEmpty()) {
      endLine();
    }
  }

  private void endLine() {
    if (terminal) {
      err.println();
    }
  }

  private void show() {
    shown = System.nanoTime();
    double seconds = (shown - started) / 1e9;
    double share = total == 0 ? 1 : (double) present / total;
    int full = (int) (share * BAR);
    String rate = seconds > 0.5 ? size((long) ((present - resumedAt) / seconds)) + "/s" : "";
    // 79 columns at most: a full line would wrap on some terminals.
    err.printf(
        Locale.ROOT,
        "\r%-28.28s [%s%s] %3d%% %9s %10s",
        name,
        "#".repeat(full),
        " ".repeat(BAR - full),
        (int) (share * 100),
        size(total),
        rate);
    err.flush();
  }

  private static String size(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : bytes < 1_000_000_000
            ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
            : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
