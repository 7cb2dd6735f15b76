package ai.kindred.examples.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuneCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    List<String> all = new ArrayList<>(List.of("finetune"));
    all.addAll(Arrays.asList(args));
    return Kindred.run(
        List.of(new FineTuneCommands()),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        all.toArray(new String[0]));
  }

  private static final String[] SMALL = {
    "--steps",
    "3",
    "--max-tasks",
    "2",
    "--held-out",
    "3",
    "--train",
    "20",
    "--max-new-tokens",
    "4",
    "--batch-tokens",
    "256"
  };

  private int small(String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(SMALL));
    args.addAll(Arrays.asList(more));
    return run(args.toArray(new String[0]));
  }

  @Test
  void aSmallRunLeavesAdapterRecordAndPage(@TempDir Path dir) throws IOException {
    Path folder = dir.resolve("run");
    assertThat(small("--json", "--out", folder.toString())).as(err.toString()).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertThat(result.at("/all_tasks/examples").asInt()).isEqualTo(6);
    assertThat(result.get("tasks")).hasSize(2);
    assertThat(err.toString())
        .containsPattern(
            "training takes about \\d+\\.\\d GB of memory .* for 3 steps, \\d+ s or more")
        .doesNotContain("may not fit");
    assertThat(result.get("ended").asText()).isEqualTo("finished");
    assertThat(folder.resolve("adapter/adapter_model.safetensors")).isRegularFile();
    assertThat(Files.readString(folder.resolve("adapter/adapter_config.json")))
        .contains("\"MODE\"");
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains("Router use", "kindred finetune --steps 3");
    assertThat(Files.readString(folder.resolve("run.json"))).contains("model.safetensors");
  }

  @Test
  void theSameSeedGivesTheSameAdapter(@TempDir Path dir) throws IOException {
    assertThat(small("--adapter", "lora", "--out", dir.resolve("a").toString()))
        .as(err.toString())
        .isZero();
    assertThat(small("--adapter", "lora", "--out", dir.resolve("b").toString()))
        .as(err.toString())
        .isZero();
    assertThat(dir.resolve("a/adapter/adapter_model.safetensors"))
        .hasSameBinaryContentAs(dir.resolve("b/adapter/adapter_model.safetensors"));
  }

  @Test
  void aResumedRunEndsWithTheSameAdapter(@TempDir Path dir) throws IOException {
    Path folder = dir.resolve("run");
    assertThat(small("--out", folder.toString())).as(err.toString()).isZero();
    Path adapter = folder.resolve("adapter/adapter_model.safetensors");
    byte[] before = Files.readAllBytes(adapter);
    Files.delete(adapter);
    assertThat(small("--resume", "--out", folder.toString())).as(err.toString()).isZero();
    assertThat(adapter).hasBinaryContent(before);
    assertThat(small("--seed", "9", "--resume", "--out", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("checkpoint of another run");
  }

  @Test
  void trainingEndsEarlyWhereTheLossStopsFalling(@TempDir Path dir) throws IOException {
    // At this rate the loss rises, so the first validation stays the best.
    List<String> args = new ArrayList<>(Arrays.asList(SMALL));
    args.set(1, "40");
    args.addAll(List.of("--json", "--learning-rate", "0.9", "--patience", "2"));
    args.addAll(List.of("--out", dir.resolve("run").toString()));
    assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertThat(result.get("ended").asText()).isEqualTo("patience");
    long best = result.get("best_step").asLong();
    assertThat(best).isPositive();
    assertThat(result.get("steps").asLong()).isEqualTo(best + 4).isLessThan(40);
  }

  @Test
  void mistakesAreOneMessage(@TempDir Path dir) {
    assertThat(
            run(
                "--adapter",
                "mode",
                "--rank",
                "4",
                "--expert-rank",
                "3",
                "--out",
                dir.resolve("c").toString()))
        .isNotZero();
    assertThat(err.toString()).contains("expert rank 3").doesNotContain("\tat ");
    assertThat(
            run("--model", dir.resolve("nowhere").toString(), "--out", dir.resolve("d").toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("nowhere", "no such folder");
    assertThat(run("--dtype", "float8")).isEqualTo(2);
    assertThat(err.toString()).contains("float8", "bfloat16");
    assertThat(run("--resume")).isEqualTo(2);
  }
}
