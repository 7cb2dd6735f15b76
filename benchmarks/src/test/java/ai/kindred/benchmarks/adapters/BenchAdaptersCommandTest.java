package ai.kindred.benchmarks.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.benchmarks.lm.BenchCommands;
import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Scope;
import ai.kindred.tiny.KindredTiny;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchAdaptersCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int bench(String... words) {
    List<String> all = new ArrayList<>(List.of("bench", "adapters"));
    all.addAll(List.of(words));
    return Kindred.run(
        List.of(new BenchCommands()),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        all.toArray(String[]::new));
  }

  @Test
  void everyWorkloadGivesItsLines() throws IOException {
    int live = Scope.live();
    int code =
        bench(
            "--model",
            KindredTiny.folder().toString(),
            "--repeats",
            "1",
            "--sequences",
            "2",
            "--length",
            "16",
            "--stored",
            "40",
            "--json");
    assertThat(code).as("%s", err).isZero();
    assertThat(Scope.live()).isEqualTo(live);
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    for (String text : out.toString().lines().toList()) {
      lines.add(json.readTree(text));
      assertThat(lines.get(lines.size() - 1).get("peak_rss_mb").asDouble()).isGreaterThan(50);
    }
    assertThat(lines)
        .extracting(l -> l.get("workload").asText())
        .containsExactly(
            "steps-4x4",
            "steps-4x4",
            "steps-4x4",
            "steps-4x4",
            "steps-16x4",
            "steps-16x4",
            "steps-16x4",
            "steps-16x4",
            "mixed-8",
            "mixed-8",
            "mixed-8",
            "mixed-8",
            "switch",
            "store");
    for (int group = 0; group < 2; group++) {
      List<JsonNode> four = lines.subList(4 * group, 4 * group + 4);
      double mode = four.get(3).get("parameters").asDouble();
      assertThat(four.get(0).get("ratio_to_lora").asDouble()).isEqualTo(1);
      for (JsonNode line : four) {
        assertThat(line.get("parameters").asDouble() / mode)
            .as(line.toString())
            .isCloseTo(1, within(0.12));
        assertThat(line.get("step_ms").asDouble()).isPositive();
        assertThat(line.get("step_ms").asDouble() * line.get("tokens_per_s").asDouble())
            .isCloseTo(32e3, within(1e-6));
      }
    }
    JsonNode store = lines.get(13);
    assertThat(store.get("resident").asInt()).isEqualTo(32);
    assertThat(store.get("all_mb").asDouble())
        .isCloseTo(40 * store.get("adapter_mb").asDouble(), within(1e-9));
    assertThat(store.get("hit_ms").asDouble()).isLessThan(store.get("miss_ms").asDouble());
  }

  @Test
  void badUsageIsToldBeforeAModelIsLoaded() {
    String nowhere = folder.resolve("nowhere").toString();
    assertThat(bench()).isEqualTo(2);
    assertThat(err.toString()).contains("--model=DIR");
    assertThat(bench("--model", nowhere, "--only", "steps")).isEqualTo(2);
    assertThat(err.toString()).contains("no workload is called steps; there are [steps-4x4,");
    for (String option : List.of("--repeats", "--sequences", "--length", "--stored")) {
      assertThat(bench("--model", nowhere, option, "0")).isEqualTo(2);
      assertThat(err.toString()).contains(option + " is 0");
    }
    assertThat(bench("--model", nowhere, "--seconds", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--seconds is 0.0");
    assertThat(bench("--model", nowhere, "--dtype", "float8")).isEqualTo(2);
    assertThat(bench("--model", nowhere)).isEqualTo(2);
    assertThat(err.toString()).contains("no such folder").doesNotContain("Exception");
    assertThat(out.toString()).isEmpty();
  }
}
