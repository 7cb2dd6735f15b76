package ai.kindred.core.report;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar in a terminal. */
final class BarProgress implements Progress {
  private static final int REFRESH_MILLIS = 250;
  private static final int TERMINAL_COLUMNS = 79;

  private final ProgressBar bar;

  BarProgress(PrintStream out, String task, String unit, long done, long total) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(Text.oneLine(task))
            .setInitialMax(total)
            .startsFrom(done, Duration.ZERO)
            .setUnit(" " + Text.oneLine(unit), 1)
            .showSpeed()
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REFRESH_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(out, TERMINAL_COLUMNS))
            .build();
  }

  @Override
  public void step(long done, String message) {
    bar.setExtraMessage(Text.oneLine(message));
    bar.stepTo(done);
  }

  @Override
  public void close() {
    bar.close();
  }
}
