package ai.kindred.examples.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.examples.lm.Commands.Run;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.Targets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelCommandsTest {

  @TempDir private Path folder;
  private Path model = Path.of("");
  private int before;

  @BeforeEach
  void prepare() throws IOException {
    model = Commands.model(folder.resolve("model"));
    before = Scope.live();
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(Scope.live()).isEqualTo(before);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static void failed(Run run, int code, String... messages) {
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(messages).doesNotContain("--stacktrace shows where");
  }

  @Test
  void generateWritesTextAsItComesOrOneLineOfJson() throws IOException {
    Run json =
        Commands.run(
            "generate", "--model", model, "--prompt", "Hi", "--max-new-tokens", 20, "--json");
    assertThat(json.code()).as(json.err()).isZero();
    assertThat(json.json().fieldNames()).toIterable().containsExactly("prompt_ids", "ids", "text");
    assertThat(json.json().get("prompt_ids").toString()).isEqualTo("[76,109]");
    Run text = Commands.run("generate", "--model", model, "--prompt", "Hi", "--max-new-tokens", 20);
    assertThat(text.out()).isEqualTo(json.json().get("text").textValue() + "\n");
    assertThat(text.err()).isEmpty();
    Run ids =
        Commands.run(
            "generate",
            "--model",
            model,
            "--prompt-ids",
            "76,109",
            "--max-new-tokens",
            20,
            "--json");
    assertThat(ids.out()).isEqualTo(json.out());
  }

  @Test
  void samplingFollowsTheSeed() {
    Object[] words = {
      "generate", "--model", model, "--prompt", "Hi", "--temperature", 1, "--json", "--seed", 0
    };
    String first = Commands.run(words).out();
    assertThat(Commands.run(words).out()).isEqualTo(first);
    words[words.length - 1] = 1;
    assertThat(Commands.run(words).out()).isNotEqualTo(first);
  }

  @Test
  void conversationsAreReadFromAFile() throws IOException {
    Path chat = file("chat.json", "[{\"role\":\"user\",\"content\":\"Hi\"}]");
    Run run = Commands.run("generate", "--model", model, "--chat", chat, "--json");
    assertThat(run.code()).as(run.err()).isZero();
    Run tokens =
        Commands.run(
            "tokens",
            "--model",
            model,
            "--json",
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assertThat(run.json().get("prompt_ids")).isEqualTo(tokens.json().get("ids"));
    for (String bad : List.of("{}", "[]", "[{\"role\":\"user\"}]", "[3]", "[{\"role\"")) {
      failed(
          Commands.run("generate", "--model", model, "--chat", file("bad.json", bad)),
          1,
          "kindred: " + folder.resolve("bad.json") + ": ");
    }
  }

  @Test
  void badUsageIsToldBeforeAModelIsLoaded() {
    String[] start = {"generate", "--model", "nowhere", "--prompt", "x"};
    failed(Commands.run("generate", "--model", model), 2, "--prompt");
    failed(Commands.run("generate", "--prompt", "x"), 2, "--model");
    failed(
        Commands.run("generate", "--model", model, "--prompt", "x", "--prompt-ids", "1"),
        2,
        "mutually exclusive");
    failed(with(start, "--temperature", "-1"), 2, "temperature is -1.0; it must be at least 0");
    failed(with(start, "--top-p", "0"), 2, "top-p is 0.0");
    failed(with(start, "--max-new-tokens", "-3"), 2, "max new tokens is -3");
    failed(with(start, "--stop", ""), 2, "--stop");
    failed(with(start, "--dtype", "int4"), 2, "int4", "BFLOAT16");
    failed(with(start), 1, "nowhere: no such folder");
  }

  private static Run with(String[] start, String... more) {
    Object[] words = new Object[start.length + more.length];
    System.arraycopy(start, 0, words, 0, start.length);
    System.arraycopy(more, 0, words, start.length, more.length);
    return Commands.run(words);
  }

  @Test
  void whatAModelCannotDoIsTold() throws IOException {
    String[] start = {"generate", "--model", model.toString()};
    failed(with(start, "--prompt", ""), 1, "kindred: a prompt is empty");
    failed(with(start, "--prompt-ids", "1,999"), 1, "kindred: token id 999 is outside the model's");
    failed(with(start, "--prompt", "x".repeat(64)), 1, "do not fit the model's context of 64");
    failed(with(start, "--prompt", "x", "--max-new-tokens", "64"), 1, "context of 64 tokens");
    failed(with(start, "--prompt", "x", "--adapter", folder.toString()), 1, "no adapter folder");
    Files.delete(model.resolve("tokenizer.json"));
    failed(with(start, "--prompt", "x"), 1, "kindred: this model has no tokenizer");
    failed(Commands.run("tokens", "--model", model, "x"), 1, "no tokenizer.json");
    Run ids = with(start, "--prompt-ids", "76,109", "--json");
    assertThat(ids.code()).isZero();
    assertThat(ids.json().get("text").isNull()).isTrue();
    assertThat(ids.json().get("ids").size()).isEqualTo(62);
  }

  @Test
  void aModelWithoutATemplateCannotChat() throws IOException {
    Files.writeString(model.resolve("tokenizer_config.json"), "{}");
    Path chat = file("chat.json", "[{\"role\":\"user\",\"content\":\"Hi\"}]");
    failed(
        Commands.run("generate", "--model", model, "--chat", chat),
        1,
        "kindred: this model has no chat template");
  }

  @Test
  void scoreGivesALineALineAndTheTotal() throws IOException {
    Path lines =
        file(
            "lines.jsonl",
            """
            {"ids":[76,109,5,6],"labels":[-100,77,-100,6]}
            {"prompt":"Hi","target":" you"}

            {"ids":[76,109],"labels":[-100,-100]}
            {"prompt":"","target":"ab"}
            {"ids":[7],"labels":[7]}
            """);
    Run run = Commands.run("score", "--model", model, lines);
    assertThat(run.code()).as(run.err()).isZero();
    List<JsonNode> out = run.jsonLines();
    assertThat(out.stream().limit(5).map(n -> n.get("tokens").asInt()))
        .containsExactly(2, 4, 0, 1, 0);
    double sum = out.stream().limit(5).mapToDouble(n -> n.get("nll").asDouble()).sum();
    assertThat(out.get(5).fieldNames()).toIterable().containsExactly("total_nll", "total_tokens");
    assertThat(out.get(5).get("total_nll").asDouble()).isCloseTo(sum, within(1e-9));
    assertThat(out.get(5).get("total_tokens").asInt()).isEqualTo(7);
    // Fresh weights are small, so that every token is about as likely as any other.
    assertThat(sum / 7).isCloseTo(Math.log(260), within(0.2));
    Path one = file("one.jsonl", "{\"prompt\":\"Hi\",\"target\":\" you\"}");
    double alone =
        Commands.run("score", "--model", model, one).jsonLines().get(0).get("nll").asDouble();
    assertThat(out.get(1).get("nll").asDouble()).isCloseTo(alone, within(1e-4));
  }

  @Test
  void badLinesAreNamed() throws IOException {
    List<String> bad =
        List.of(
            "{\"ids\":[1,2],\"labels\":[1]}",
            "{\"ids\":[1,260],\"labels\":[1,2]}",
            "{\"ids\":[1,-1],\"labels\":[1,2]}",
            "{\"ids\":[1,2],\"labels\":[1,-5]}",
            "{\"ids\":[1,2.5],\"labels\":[1,2]}",
            "{\"ids\":\"a\",\"labels\":[]}",
            "{\"ids\":[],\"labels\":[]}",
            "{\"prompt\":\"a\"}",
            "{\"prompt\":\"a\",\"target\":\"" + "b".repeat(64) + "\"}",
            "[1]",
            "{");
    for (String line : bad) {
      Path file = file("bad.jsonl", "{\"ids\":[1,2],\"labels\":[1,2]}\n" + line);
      failed(Commands.run("score", "--model", model, file), 1, "kindred: " + file + ":2: ");
    }
    Path none = folder.resolve("none.jsonl");
    failed(Commands.run("score", "--model", model, none), 1, "no such file or folder: " + none);
  }

  @Test
  void tokensGoThereAndBack() throws IOException {
    Run run = Commands.run("tokens", "--model", model, "Hi \u00e9");
    assertThat(run.code()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines.get(1)).isEqualTo("Hi \u00e9");
    assertThat(Commands.run("tokens", "--model", model, "--ids", lines.get(0)).out())
        .isEqualTo(run.out());
    assertThat(Commands.run("tokens", "--model", model, "--json", "Hi").out())
        .isEqualTo("{\"ids\":[76,109],\"text\":\"Hi\"}\n");
    failed(Commands.run("tokens", "--model", model, "--ids", "1,300"), 1, "token id 300");
    failed(Commands.run("tokens", "--model", model), 2, "TEXT");
  }

  @Test
  void adaptersChangeWhatIsWritten() throws IOException {
    Path adapter = folder.resolve("adapter");
    try (Scope scope = Scope.open()) {
      LanguageModel plain = scope.adopt(LanguageModel.load(model));
      LoraConfig config = LoraConfig.of(4, 8, Targets.of("q_proj", "v_proj"));
      AdapterFolder.at(adapter).save(Adapters.add(plain, config, Key.of(1)), config, null);
      plain.requireTokenizer().close();
    }
    Path one = file("one.jsonl", "{\"prompt\":\"Hi\",\"target\":\" you\"}");
    Run plain = Commands.run("score", "--model", model, one);
    Run adapted = Commands.run("score", "--model", model, "--adapter", adapter, one);
    assertThat(adapted.code()).as(adapted.err()).isZero();
    // A new adapter adds nothing yet.
    assertThat(adapted.jsonLines().get(0).get("nll").asDouble())
        .isCloseTo(plain.jsonLines().get(0).get("nll").asDouble(), within(1e-4));
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() throws IOException {
    Path adapter = folder.resolve("adapter");
    Path other = folder.resolve("other");
    try (Scope scope = Scope.open()) {
      LanguageModel plain = scope.adopt(LanguageModel.load(model));
      LoraConfig config = LoraConfig.of(4, 8, Targets.of("q_proj", "v_proj"));
      AdapterFolder.at(adapter).save(Adapters.add(plain, config, Key.of(1)), config, null);
      Tree.map(plain, t -> t.mul(1.25)).save(other);
      plain.requireTokenizer().close();
    }
    Path one = file("one.jsonl", "{\"prompt\":\"Hi\",\"target\":\" you\"}");
    failed(
        Commands.run("score", "--model", other, "--adapter", adapter, one),
        1,
        "kindred: " + adapter,
        "the adapter was trained on other weights");
    failed(
        Commands.run(
            "generate", "--model", other, "--adapter", adapter, "--prompt", "Hi", "--json"),
        1,
        "the adapter was trained on other weights");
    Path config = other.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("(num_hidden_layers\"\\s*:\\s*)2", "$11"));
    failed(Commands.run("score", "--model", other, "--adapter", adapter, one), 1, "kindred: ");
  }

  @Test
  void goldenAdaptersGiveTheirLoss() throws IOException {
    Path stories = Commands.stories(folder.resolve("stories"));
    for (String name : List.of("lora-stories260K-all", "lora-stories260K-qv")) {
      Path golden = Commands.golden(name);
      JsonNode c = new ObjectMapper().readTree(golden.resolve("case.json").toFile());
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < c.get("input_ids").size(); i++) {
        lines.append(
            "{\"ids\":%s,\"labels\":%s}%n"
                .formatted(c.get("input_ids").get(i), c.get("labels").get(i)));
      }
      Path file = file(name + ".jsonl", lines.toString());
      Run run =
          Commands.run(
              "score", "--model", stories, "--dtype", "float32", "--adapter", golden, file);
      assertThat(run.code()).as(run.err()).isZero();
      JsonNode total = run.jsonLines().get(c.get("input_ids").size());
      double loss = total.get("total_nll").asDouble() / total.get("total_tokens").asDouble();
      double expected = c.get("first_loss").asDouble();
      assertThat(loss).isCloseTo(expected, within(1e-4 * expected));
    }
  }

  /** A terminal at which something happens as soon as text appears. */
  private static final class Watched extends StringWriter {

    private final Runnable seen;

    Watched(Runnable seen) {
      this.seen = seen;
    }

    @Override
    public void write(String text, int from, int length) {
      super.write(text, from, length);
      if (length > 0) {
        seen.run();
      }
    }
  }

  @Test
  void interruptionStopsWithinANativeCall() {
    Watched out = new Watched(() -> Thread.currentThread().interrupt());
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new LanguageModelCommands()),
            new PrintWriter(out),
            new PrintWriter(err, true),
            "generate",
            "--model",
            model.toString(),
            "--prompt",
            "Hi",
            "--temperature",
            "1");
    assertThat(Thread.interrupted()).isFalse();
    assertThat(code).isEqualTo(130);
    assertThat(err.toString()).isEqualTo("kindred: interrupted\n");
    assertThat(out.toString()).hasSizeBetween(1, 40);
  }

  /** A pipe whose reader has gone. */
  private static final class Gone extends Writer {

    private int writes;

    @Override
    public void write(char[] text, int from, int length) throws IOException {
      writes++;
      throw new IOException("closed");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void aClosedOutputStopsWriting() {
    Gone out = new Gone();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new LanguageModelCommands()),
            new PrintWriter(out),
            new PrintWriter(err, true),
            "generate",
            "--model",
            model.toString(),
            "--prompt",
            "Hi",
            "--temperature",
            "1");
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("kindred: standard output is closed\n");
    assertThat(out.writes).isLessThan(5);
  }

  @Test
  void storiesAreThoseOfTransformers() throws IOException {
    Path stories = Commands.stories(folder.resolve("stories"));
    JsonNode golden =
        new ObjectMapper().readTree(Commands.golden("stories260K-logits.json").toFile());
    for (JsonNode greedy : golden.get("greedy")) {
      String prompt = greedy.get("prompt").toString();
      Run run =
          Commands.run(
              "generate",
              "--model",
              stories,
              "--dtype",
              "float32",
              "--prompt-ids",
              prompt.substring(1, prompt.length() - 1),
              "--max-new-tokens",
              greedy.get("ids").size(),
              "--json");
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.json().get("ids")).isEqualTo(greedy.get("ids"));
    }
    Run told = Commands.run("generate", "--model", stories, "--prompt", "Once upon a time");
    assertThat(told.out()).startsWith(", there was a");
  }
}
