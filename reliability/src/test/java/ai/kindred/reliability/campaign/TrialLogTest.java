package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialLogTest {

  private static final Trial TRIAL = new Trial("small cnn", "qatt", 3, 1e-5, 7);
  private static final TrialResult RESULT = new TrialResult(TRIAL, 91.0 / 3, 800, 4, 3, 1, 0, 2);

  @TempDir private Path folder;

  @Test
  void comesBackAsItWas() throws IOException {
    Path file = folder.resolve("log.tsv");
    TrialLog log = TrialLog.open(file);
    log.add(RESULT);
    assertThat(TrialLog.open(file).find(TRIAL)).contains(RESULT);
    assertThat(log.find(new Trial("small cnn", "qatt", 3, 1e-5, 8))).isEmpty();
  }

  @Test
  void aLineCutShortIsTakenAway() throws IOException {
    Path file = folder.resolve("log.tsv");
    TrialLog.open(file).add(RESULT);
    String whole = Files.readString(file);
    Files.writeString(file, whole + whole.lines().skip(1).findFirst().orElseThrow().substring(4));
    TrialLog log = TrialLog.open(file);
    assertThat(log.size()).isOne();
    assertThat(Files.readString(file)).isEqualTo(whole);
    Files.writeString(file, whole.substring(0, 12));
    assertThat(TrialLog.open(file).size()).isZero();
    assertThat(Files.readString(file)).isEqualTo(TrialLog.HEAD + "\n");
  }

  @Test
  void otherLinesAreNamed() throws IOException {
    Path file = folder.resolve("log.tsv");
    Files.writeString(file, "name,value\n");
    assertThatThrownBy(() -> TrialLog.open(file)).hasMessageContaining("starts with the line");
    for (String bad : new String[] {"a\tb\tc", line("x", "1"), line("1", "NaN"), "\0".repeat(90)}) {
      Files.writeString(file, TrialLog.HEAD + "\n" + bad + "\n");
      assertThatThrownBy(() -> TrialLog.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file + ":2: not the result of a trial");
    }
  }

  private static String line(String training, String value) {
    return "n\ts\t" + training + "\t1e-3\t0\t" + value + "\t0\t0\t0\t0\t0\t0";
  }
}
