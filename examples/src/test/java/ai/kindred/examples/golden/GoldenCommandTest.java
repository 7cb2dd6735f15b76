package ai.kindred.examples.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.cli.CommandProvider;
import ai.kindred.cli.Kindred;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenCommandTest {

  private static final Path DATA =
      Path.of(System.getProperty("kindred.data", "no-kindred-data")).normalize();
  private static final Path GOLDEN = DATA.resolveSibling("golden");

  @TempDir private Path temporary;

  private record Run(int code, String out, String err) {}

  private static Run run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> words = new ArrayList<>(List.of("golden"));
    for (Object arg : args) {
      words.add(arg.toString());
    }
    int code =
        Kindred.run(
            List.of(new GoldenCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            words.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private static void assumeData() {
    assumeTrue(Files.isDirectory(GOLDEN), "skipped: no " + GOLDEN + " (set -Dkindred.data)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stories260K-logits", "tiny-", "lora-", "rouge"})
  void passes(String name) throws IOException {
    assumeData();
    Run run = run(GOLDEN, "--json", "--case", name);
    assertThat(run.code()).as(run.out() + run.err()).isZero();
    assertThat(run.out().lines())
        .isNotEmpty()
        .allSatisfy(
            line -> {
              JsonNode row = new ObjectMapper().readTree(line);
              assertThat(row.get("pass").asBoolean()).isTrue();
              assertThat(row.get("error").asDouble())
                  .isLessThanOrEqualTo(row.get("tolerance").asDouble());
            });
  }

  /** A wrong golden value must be seen, and a missing model must not end the run. */
  @Test
  void failuresAreToldAndCounted() throws IOException {
    assumeData();
    Path file = GOLDEN.resolve("rouge.json");
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode golden = (ObjectNode) mapper.readTree(file.toFile());
    ((ObjectNode) golden.at("/pairs/0/plain")).putArray("rouge1").add(0.5).add(0).add(0);
    mapper.writeValue(temporary.resolve("rouge.json").toFile(), golden);
    Files.createDirectory(temporary.resolve("tiny-nothing"));
    Run run = run(temporary);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out().lines().toList())
        .hasSize(3)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).contains("plain scores", "5.0e-01", "1e-09", "FAIL");
              assertThat(lines.get(1)).endsWith("pass");
              assertThat(lines.get(2)).contains("tiny-nothing", "runs at all", "FAIL");
            });
    assertThat(run.err()).contains("case.json", "2 failed");
  }

  @Test
  void folderWithoutCasesIsBadUsage() throws IOException {
    assertThat(run(temporary).code()).isEqualTo(2);
    assertThat(run(temporary, "--case", "x").err()).contains("is called like [x]");
    assertThat(run(temporary.resolve("none")).err()).contains("no such file or folder");
  }

  @Test
  void isFoundByTheFrame() {
    assertThat(ServiceLoader.load(CommandProvider.class))
        .anyMatch(GoldenCommands.class::isInstance);
  }
}
