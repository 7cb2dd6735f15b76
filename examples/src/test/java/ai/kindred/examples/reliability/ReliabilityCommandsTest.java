package ai.kindred.examples.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.ByteLevelBpe;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.reliability.network.Architecture;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void aCampaignGivesTheSameFiguresOnAnyThreadsAndAfterAKill() throws IOException {
    Path out = folder.resolve("campaign");
    Object[] words = {
      "reliability",
      "campaign",
      "--networks",
      model,
      "--text",
      text,
      "--tokens",
      "120",
      "--strategies",
      "none,secded-72,qatt,int7-56-mean",
      "--rates",
      "1e-4,1e-2",
      "--seeds",
      "3",
      "--json",
      "--out",
      out
    };
    Run made = run(words);
    assertThat(made.code()).isZero();
    // No network was trained to fit: qatt has no row.
    assertThat(made.json().get("rows")).hasSize(3 * 3);
    JsonNode bare = made.json().get("rows").get(2);
    assertThat(bare.get("strategy").asText()).isEqualTo("none");
    assertThat(bare.get("flipped").asDouble()).isGreaterThan(500);
    assertThat(bare.get("silent").asDouble()).isPositive();
    assertThat(made.json().get("claims").get(0).get("measured").asText()).isEqualTo("12.5 % more");
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("int7-56-mean", "The paper", "<svg", "perplexity");
    assertThat(Files.readString(out.resolve("tables.md"))).contains("| secded-72 | 12.5 | 9.0 |");
    Path log = out.resolve("trials.tsv");
    String whole = Files.readString(log);
    Files.writeString(log, whole.substring(0, whole.length() / 2));
    List<Object> again = new ArrayList<>(List.of(words));
    again.addAll(List.of("--resume", "--threads", "3"));
    Run resumed = run(again.toArray());
    assertThat(resumed.json()).isEqualTo(made.json());
    again.set(again.indexOf("1e-4,1e-2"), "1e-4");
    assertThat(run(again.toArray()).err()).contains("is of other settings");
    Files.writeString(log, whole.replace("secded-72\t0\t0.01", "secded-72\tzero\t0.01"));
    again.set(again.indexOf("1e-4"), "1e-4,1e-2");
    assertThat(run(again.toArray()).err()).contains("trials.tsv:", "not the result of a trial");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rates 0.7|a fault rate of 0.7; it is flipped bits over all bits, above 0 up to 0.5",
        "--rates often|'--rates'",
        "--strategies none,hamming|no strategy is called 'hamming'; there are none, parity-zero",
        "--strategies tmr|needs none, which drops are counted from",
        "--networks nowhere|no such folder: nowhere; give folders of networks",
        "--seeds 0|at least one network, strategy, rate and seed",
        "--threads 0|--threads 0",
        "--text nowhere.txt|--text: no such file: nowhere.txt",
        "--data nowhere|--data: no such folder: nowhere",
        "--resume|--resume needs --out DIR"
      })
  void campaignsThatCannotBeAreTold(String option, String message) {
    List<Object> words = new ArrayList<>(List.of("reliability", "campaign"));
    if (!option.startsWith("--networks")) {
      words.addAll(List.of("--networks", model));
    }
    if (!option.startsWith("--text")) {
      words.addAll(List.of("--text", text));
    }
    words.addAll(List.of(option.split(" ")));
    Run run = run(words.toArray());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void foldersWithoutNetworksAreNamed() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(run("reliability", "campaign", "--networks", empty).err())
        .contains("empty holds no network: it has neither network.json nor config.json");
    assertThat(run("reliability", "campaign", "--networks", model).err())
        .contains("measured on a text: give one by --text");
  }

  @Test
  void networksOfOneArchitectureGoTogether() throws IOException {
    int live = Scope.live();
    List<String> folders = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Network network = scope.adopt(Architecture.CNN.random(Key.of(3)).folded());
      for (TrainedNetwork.Config config :
          List.of(
              new TrainedNetwork.Config(Architecture.CNN, Method.INT8, 1),
              new TrainedNetwork.Config(Architecture.CNN, Method.INT8, 2),
              new TrainedNetwork.Config(Architecture.CNN, Method.QATT, 1),
              new TrainedNetwork.Config(Architecture.CNN, Method.QATT, 2))) {
        Path run = folder.resolve(config.method() + "-" + config.seed());
        TrainedNetwork.of(config, network, Map.of(), Map.of()).save(run.resolve("network"));
        folders.add(run.toString());
      }
    }
    Path data = Files.createDirectory(folder.resolve("data"));
    idx(data.resolve("t10k-images-idx3-ubyte"), 20, 28, 28);
    idx(data.resolve("t10k-labels-idx1-ubyte"), 20);
    Path out = folder.resolve("campaign");
    Run run =
        run(
            "reliability",
            "campaign",
            "--networks",
            String.join(",", folders),
            "--data",
            data,
            "--strategies",
            "none,qatt",
            "--rates",
            "1e-3",
            "--seeds",
            "2",
            "--images",
            "12",
            "--exact",
            "--json",
            "--out",
            out);
    assertThat(run.code()).isZero();
    assertThat(run.json().get("rows")).hasSize(4);
    JsonNode bare = run.json().get("rows").get(1);
    assertThat(bare.get("network").asText()).isEqualTo("cnn");
    // 105,744 weights: eight bits each, a thousandth of them.
    assertThat(bare.get("flipped").asDouble()).isBetween(845.0, 846.0);
    assertThat(run.json().get("rows").get(3).get("trials").asInt()).isEqualTo(4);
    // Two to compare with, one of them hit twice; two trained, hit twice each.
    assertThat(Files.readAllLines(out.resolve("trials.tsv"))).hasSize(1 + 2 + 2 + 2 * 3);
    assertThat(run("reliability", "campaign", "--networks", folders.get(0)).err())
        .contains("cnn is measured on test images: give their folder by --data");
    assertThat(run("reliability", "campaign", "--networks", folders.get(2), "--data", data).err())
        .contains("cnn needs a network trained as usual");
    assertThat(Scope.live()).isEqualTo(live);
  }

  /** A file of zeros in the form of MNIST's. */
  private static void idx(Path file, int... shape) throws IOException {
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + size);
    bytes.put((byte) 0).put((byte) 0).put((byte) 8).put((byte) shape.length);
    Arrays.stream(shape).forEach(bytes::putInt);
    Files.write(file, bytes.array());
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
