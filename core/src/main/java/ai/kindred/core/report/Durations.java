package ai.kindred.core.report;

import java.time.Duration;
import java.util.Locale;

/** Times for people. */
final class Durations {
  private Durations() {}

  /** For instance 4.2 s, 3 min 20 s, 5 h 12 min. */
  static String words(Duration time) {
    double seconds = Math.max(0, time.toMillis() / 1000.0);
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 3600
        ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
        : "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
  }
}
