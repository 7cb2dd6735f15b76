package ai.kindred.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RougeCommandTest {

  @TempDir private Path folder;

  private Run rouge(String lines, String... more) throws IOException {
    Path file = folder.resolve("pairs.jsonl");
    Files.writeString(file, lines);
    String[] args = new String[2 + more.length];
    args[0] = "rouge";
    args[1] = file.toString();
    System.arraycopy(more, 0, args, 2, more.length);
    return Run.of(args);
  }

  @Test
  void printsALineAPair() throws IOException {
    // Two of three words shared; one of two bigrams; longest common subsequence "the cat".
    Run run =
        rouge(
            """
            {"reference":"the cat sat","candidate":"the cat ran","id":7}

            {"reference":"a","candidate":"a"}
            """);
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode scores = new ObjectMapper().readTree(lines.get(0));
    assertThat(scores.fieldNames())
        .toIterable()
        .containsExactly("rouge1", "rouge2", "rougeL", "rougeLsum");
    assertThat(scores.at("/rouge1/precision").asDouble()).isEqualTo(2.0 / 3, within(1e-12));
    assertThat(scores.at("/rouge2/recall").asDouble()).isEqualTo(0.5, within(1e-12));
    assertThat(scores.at("/rougeL/f").asDouble()).isEqualTo(2.0 / 3, within(1e-12));
    assertThat(lines.get(1)).startsWith("{\"rouge1\":{\"precision\":1.0,\"recall\":1.0,\"f\":1.0}");
  }

  @Test
  void stemsWhenAsked() throws IOException {
    String pair = "{\"reference\":\"running\",\"candidate\":\"runs\"}";
    assertThat(rouge(pair).out()).contains("\"rouge1\":{\"precision\":0.0");
    assertThat(rouge(pair, "--stem").out()).contains("\"rouge1\":{\"precision\":1.0");
  }

  @Test
  void badLinesAreNamed() throws IOException {
    String good = "{\"reference\":\"a\",\"candidate\":\"a\"}\n";
    assertThat(rouge(good + "{\"reference\":\"a\"").err())
        .startsWith("kindred: " + folder.resolve("pairs.jsonl") + ":2: not JSON");
    assertThat(rouge(good + "{\"reference\":\"a\"}").err())
        .contains("pairs.jsonl:2: ", "candidate");
    assertThat(rouge("{\"reference\":\"a\",\"candidate\":3}").code()).isEqualTo(1);
    assertThat(rouge("x".repeat((16 << 20) + 10)).err()).contains("pairs.jsonl:1: ");
  }

  @Test
  void missingFileIsNamed() {
    Run run = Run.of("rouge", folder.resolve("none.jsonl").toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("kindred: no such file or folder: " + folder.resolve("none.jsonl") + "\n");
    assertThat(Run.of("rouge").code()).isEqualTo(2);
  }
}
