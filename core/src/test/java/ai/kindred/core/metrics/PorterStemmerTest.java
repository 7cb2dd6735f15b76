package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PorterStemmerTest {

  @Test
  void stemsAsNltkDoes() throws IOException {
    List<String> lines;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("porter-stems.txt")),
                StandardCharsets.UTF_8))) {
      lines = reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
    assertThat(lines).hasSizeGreaterThan(300);
    for (String line : lines) {
      int space = line.indexOf(' ');
      assertThat(PorterStemmer.stem(line.substring(0, space)))
          .as(line)
          .isEqualTo(line.substring(space + 1));
    }
  }

  @Test
  void takesAnExtremeWordInLinearTime() {
    assertThat(PorterStemmer.stem("y".repeat(1_000_000) + "ing")).hasSizeGreaterThan(999_998);
  }
}
