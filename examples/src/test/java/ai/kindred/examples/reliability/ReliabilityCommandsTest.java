package ai.kindred.examples.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.ByteLevelBpe;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReliabilityCommandsTest {

  private record Run(int code, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  @TempDir private Path folder;
  private Path model = Path.of("");
  private Path text = Path.of("");

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model");
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "vocab_size": 260, "hidden_size": 32, "intermediate_size": 64,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 64, "tie_word_embeddings": true, "eos_token_id": 2,
             "torch_dtype": "float32"}""",
            "test");
    try (Scope scope = Scope.open()) {
      scope.adopt(LanguageModel.initialised(config, null, Key.of(1))).save(model);
    }
    new ByteLevelBpe(List.of()).write(model, 64);
    text = folder.resolve("text.txt");
    Files.writeString(text, "It was the best of times, it was the worst of times. ".repeat(4));
  }

  private static Run run(Object... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new ReliabilityCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Arrays.stream(words).map(Object::toString).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void protectedThenBrokenThenRepaired() throws IOException {
    int live = Scope.live();
    Path out = folder.resolve("safe");
    Run made = run("protect", "--model", model, "--out", out, "--text", text, "--json");
    assertThat(made.err()).isEmpty();
    assertThat(made.code()).isZero();
    assertThat(made.json().get("layers")).hasSize(15);
    double before = made.json().get("loss_before").asDouble();
    assertThat(before).isBetween(4.0, 7.0); // knows nothing: log 260 = 5.6
    assertThat(Math.abs(made.json().get("loss_after").asDouble() - before)).isLessThan(0.1);
    assertThat(Files.readString(out.resolve("report.html"))).contains("lm_head", "perplexity");
    assertThat(out.resolve("tokenizer.json")).exists();

    Path list = folder.resolve("faults.tsv");
    Path page = folder.resolve("inject.html");
    Run hit =
        run(
            "inject",
            "--model",
            out,
            "--rate",
            "1e-4",
            "--text",
            text,
            "--list",
            list,
            "--report",
            page,
            "--json");
    assertThat(hit.err()).isEmpty();
    JsonNode found = hit.json();
    assertThat(found.get("faults").asInt()).isGreaterThan(20);
    assertThat(found.get("corrected").asInt()).isGreaterThan(15);
    assertThat(found.get("loss_after").asDouble())
        .isCloseTo(
            found.get("loss_before").asDouble(), org.assertj.core.api.Assertions.within(0.05));
    assertThat(page).exists();
    Run again = run("inject", "--model", out, "--replay", list, "--text", text, "--json");
    assertThat(again.json()).isEqualTo(found);
    assertThat(Scope.live()).isEqualTo(live);
  }

  @Test
  void weightsAreCountedByLayer() throws IOException {
    Path page = folder.resolve("weights.html");
    Run run = run("reliability", "weights", "--model", model, "--report", page, "--json");
    assertThat(run.code()).isZero();
    assertThat(run.json()).hasSize(2 * 14);
    JsonNode shares = run.json().get(0).get("shares");
    double all =
        shares.get("below32").asDouble()
            + shares.get("below64").asDouble()
            + shares.get("upTo128").asDouble();
    assertThat(all).isBetween(0.999999, 1.000001);
    assertThat(Files.readString(page)).contains("q_proj");
  }

  @Test
  void whatCannotBeIsTold() {
    assertThat(run("inject", "--model", model).err())
        .startsWith("kindred: ")
        .contains("protected.safetensors");
    assertThat(run("inject", "--model", model, "--rate", "2").err())
        .contains("a fault rate of 2.0");
  }
}
