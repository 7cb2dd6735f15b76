package ai.kindred.benchmarks.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Scope;
import ai.kindred.tiny.KindredTiny;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchLmCommandTest {

  private static final String TOKENS = "tokens/s";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int bench(String... words) {
    List<String> all = new ArrayList<>(List.of("bench", "lm"));
    all.addAll(List.of(words));
    return Kindred.run(
        List.of(new BenchCommands()),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        all.toArray(String[]::new));
  }

  private Path instructions() throws IOException {
    String lines =
        IntStream.range(0, 20)
            .mapToObj(i -> "{\"prompt\": \"Say " + i + ":\", \"target\": \"number " + i + "\"}")
            .collect(Collectors.joining("\n"));
    return Files.writeString(folder.resolve("instructions.jsonl"), lines);
  }

  @Test
  void everyWorkloadGivesALine() throws IOException {
    int live = Scope.live();
    int code =
        bench(
            "--model",
            KindredTiny.folder().toString(),
            "--instructions",
            instructions().toString(),
            "--repeats",
            "1",
            "--json");
    assertThat(code).as("%s", err).isZero();
    Map<String, String> units = new LinkedHashMap<>();
    ObjectMapper json = new ObjectMapper();
    for (String text : out.toString().lines().toList()) {
      JsonNode line = json.readTree(text);
      assertThat(line.fieldNames())
          .toIterable()
          .containsExactly("workload", "dtype", "value", "unit", "peak_rss_mb");
      assertThat(line.get("dtype").asText()).isEqualTo("bfloat16");
      assertThat(line.get("value").asDouble()).as(text).isBetween(0.01, 1e9);
      assertThat(line.get("peak_rss_mb").asDouble()).as(text).isBetween(50.0, 50_000.0);
      units.put(line.get("workload").asText(), line.get("unit").asText());
    }
    assertThat(units)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "generate-1", TOKENS,
                "generate-8", TOKENS,
                "generate-32", TOKENS,
                "prefill-2x512", TOKENS,
                "finetune-4x256", TOKENS,
                "finetune-mode-4x4", TOKENS,
                "finetune-sni", "examples/s"));
    assertThat(Scope.live()).isEqualTo(live);
  }

  @Test
  void oneWorkloadInWords() throws IOException {
    int code =
        bench(
            "--model",
            KindredTiny.folder().toString(),
            "--dtype",
            "float32",
            "--repeats",
            "1",
            "--only",
            "prefill-2x512");
    assertThat(code).as("%s", err).isZero();
    assertThat(out.toString()).matches("prefill-2x512 +\\d+\\.\\d tokens/s +peak \\d+ MB\\R");
  }

  @Test
  void badUsageIsToldBeforeAModelIsLoaded() {
    String nowhere = folder.resolve("nowhere").toString();
    assertThat(bench()).isEqualTo(2);
    assertThat(err.toString()).contains("--model=DIR");
    assertThat(bench("--model", nowhere, "--only", "generate-3")).isEqualTo(2);
    assertThat(err.toString())
        .contains("no workload is called generate-3; there are [generate-1, generate-8,");
    assertThat(bench("--model", nowhere, "--only", "finetune-sni")).isEqualTo(2);
    assertThat(err.toString()).contains("finetune-sni needs --instructions FILE");
    assertThat(bench("--model", nowhere, "--dtype", "float8")).isEqualTo(2);
    assertThat(err.toString()).contains("float8");
    assertThat(bench("--model", nowhere, "--repeats", "0")).isEqualTo(2);
    assertThat(bench("--model", nowhere)).isEqualTo(2);
    assertThat(err.toString()).contains("nowhere", "no such folder").doesNotContain("Exception");
    assertThat(out.toString()).isEmpty();
  }
}
