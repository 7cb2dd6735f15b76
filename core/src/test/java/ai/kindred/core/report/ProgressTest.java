package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong clock = new AtomicLong();

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private void second() {
    clock.addAndGet(1_000_000_000);
  }

  @Test
  void writesALineAtEveryTenthOfTheWayInALog() {
    try (Progress progress = new LineProgress(out, clock::get, "training", "steps", 0, 100)) {
      for (int step = 1; step <= 100; step++) {
        second();
        progress.step(step, "loss 2.31");
      }
    }
    assertThat(shown().lines()).hasSize(11);
    assertThat(shown())
        .startsWith("training: 1/100 steps (1 %), 1.00/s, 1 min 39 s left, loss 2.31\n")
        .contains("training: 50/100 steps (50 %), 1.00/s, 50.0 s left, loss 2.31\n")
        .endsWith("training: 100/100 steps (100 %), 1.00/s, loss 2.31\n");
  }

  @Test
  void writesEveryHalfMinuteWhenSlowAndSeldomWhenFast() {
    try (Progress slow = new LineProgress(out, clock::get, "slow", "steps", 0, 100_000)) {
      for (int i = 1; i <= 121; i++) {
        second();
        slow.step(i, "");
      }
    }
    assertThat(shown().lines()).hasSize(5);
    bytes.reset();
    try (Progress fast = new LineProgress(out, clock::get, "fast", "steps", 0, 1000)) {
      for (int i = 1; i <= 1000; i++) {
        fast.step(i, "");
      }
    }
    assertThat(shown().lines()).hasSize(2);
  }

  @Test
  void aResumedJobShowsTheRateOfThisTime() {
    try (Progress progress = new LineProgress(out, clock::get, "training", "steps", 500, 1000)) {
      for (int i = 0; i < 10; i++) {
        second();
      }
      progress.step(510, "\u001b[2J\nx");
    }
    assertThat(shown())
        .isEqualTo("training: 510/1000 steps (51 %), 1.00/s, 8 min 10 s left, \uFFFD[2J x\n");
  }

  @Test
  void drawsABarWithRateTimeLeftAndMessageInATerminal() {
    try (Progress progress = new BarProgress(out, "training", "steps", 0, 40)) {
      progress.step(20, "loss 2.31");
    }
    assertThat(shown())
        .contains("training")
        .contains("50%")
        .contains("20/40 steps")
        .contains("loss 2.31");
    assertThat(shown().split("[\r\n]")).allMatch(line -> line.length() <= 100);
  }

  @Test
  void choosesLinesWhereNobodyWatchesAndRefusesNonsense() {
    assertThatThrownBy(() -> Progress.start("t", "steps", 5, 4))
        .hasMessage("progress of 't' from 5 to 4 steps; needs 0 <= from <= to and to > 0");
    Progress silent = Progress.silent();
    silent.step(1, "x");
    silent.close();
    assertThat(Durations.words(Duration.ofMinutes(312))).isEqualTo("5 h 12 min");
  }
}
