package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Event;
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

class PretrainCommandTest {

  private static final List<String> SMALL =
      List.of(
          "--layers",
          "1",
          "--hidden",
          "32",
          "--vocabulary",
          "300",
          "--documents",
          "4",
          "--long-every",
          "50",
          "--cases",
          "8",
          "--rate",
          "0.01");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int small(String... more) {
    List<String> args = new ArrayList<>(SMALL);
    args.addAll(Arrays.asList(more));
    return run(args.toArray(String[]::new));
  }

  private int run(String... options) {
    List<String> args = new ArrayList<>(List.of("pretrain"));
    args.addAll(Arrays.asList(options));
    return Kindred.run(
        List.of(new PretrainCommands()),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        args.toArray(String[]::new));
  }

  @Test
  void aSmallRunLearnsWritesAModelAndResumes() throws IOException {
    Path dir = folder.resolve("run");
    assertThat(small("--steps", "20", "--out", dir.toString())).as(err.toString()).isZero();

    assertThat(out.toString()).contains("held-out loss").contains("film genre, facts shown");
    RunRecord record = RunRecord.read(dir);
    assertThat(record.facts().status()).isEqualTo(RunStatus.DONE);
    assertThat(record.facts().command()).startsWith("kindred pretrain --layers 1");
    assertThat(record.config(PretrainConfig.class).steps()).isEqualTo(20);
    List<Event> evals = record.events("eval");
    assertThat(evals.get(evals.size() - 1).number("loss"))
        .isLessThan(evals.get(0).number("loss") - 0.2);
    assertThat(Files.readString(dir.resolve("report.html"))).contains("Held-out loss");
    assertThat(Files.readString(dir.resolve("model/README.md")))
        .contains("Command: `kindred pretrain --layers 1")
        .contains("Seed: 1");
    byte[] weights = Files.readAllBytes(dir.resolve("model/model.safetensors"));
    try (Scope scope = Scope.open()) {
      LanguageModel model = LanguageModel.load(dir.resolve("model"));
      assertThat(model.config().maxPositions()).isEqualTo(4096);
      assertThat(model.config().eosTokens()).containsExactly(2, 0);
      int[] ids = model.requireTokenizer().encode("The film", false);
      assertThat(model.requireTokenizer().decode(ids, false)).isEqualTo("The film");
      assertThat(scope.size()).isPositive();
    }

    assertThat(small("--steps", "20", "--out", dir.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("already holds a run");

    // Nothing is left to train: the model is evaluated again and stays the same.
    assertThat(small("--steps", "20", "--out", dir.toString(), "--resume")).isZero();
    assertThat(Files.readAllBytes(dir.resolve("model/model.safetensors"))).isEqualTo(weights);
    assertThat(RunRecord.read(dir).facts().resumes()).isEqualTo(1);
  }

  @Test
  void badSettingsAreBadUsage() {
    assertThat(run("--steps", "1")).isEqualTo(2);
    assertThat(run("--hidden", "33")).isEqualTo(2);
    assertThat(run("--dtype", "int8")).isEqualTo(2);
    assertThat(run("--dtype", "float")).isEqualTo(2);
    assertThat(run("--context", "10")).isEqualTo(2);
    assertThat(run("--cases", "0")).isEqualTo(2);
    assertThat(err.toString())
        .contains("steps is 1; it must be 2 or more")
        .contains("hidden is 33; it must be a multiple of the head size, 32")
        .contains("precision is int8; training needs float32 or bfloat16")
        .contains("\"float\" is not a precision")
        .contains("context is 10; it must be 64 to 65,536")
        .contains("--cases is 0; give 1 or more");
    assertThat(out.toString()).isEmpty();
  }
}
