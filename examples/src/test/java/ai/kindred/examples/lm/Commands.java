package ai.kindred.examples.lm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** Runs the commands in this JVM, and makes models for them. */
final class Commands {

  /** What a command printed and returned. */
  record Run(int code, String out, String err) {

    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }

    List<JsonNode> jsonLines() throws IOException {
      ObjectMapper mapper = new ObjectMapper();
      return out.lines()
          .map(
              line -> {
                try {
                  return mapper.readTree(line);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .toList();
    }
  }

  private Commands() {}

  static Run run(Object... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new LanguageModelCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Arrays.stream(words).map(Object::toString).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  /** A small model that knows nothing, with a tokenizer of bytes and a chat template. */
  static Path model(Path folder) throws IOException {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "vocab_size": 260, "hidden_size": 32, "intermediate_size": 64,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 64, "tie_word_embeddings": true, "eos_token_id": 2,
             "torch_dtype": "float32"}""",
            "test");
    try (Scope scope = Scope.open()) {
      scope.adopt(LanguageModel.initialised(config, null, Key.of(1))).save(folder);
    }
    new ByteLevelBpe(List.of()).write(folder, 64);
    return folder;
  }

  static Path data(String name) {
    Path path = Path.of(System.getProperty("kindred.data", "no-kindred-data")).resolve(name);
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set -Dkindred.data)");
    return path.normalize();
  }

  static Path golden(String name) {
    Path path = data("").resolveSibling("golden").resolve(name);
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set -Dkindred.data)");
    return path;
  }

  /** The folder of stories260K with the tokenizer that its makers keep beside it. */
  static Path stories(Path folder) throws IOException {
    Path source = data("stories260K");
    Files.createDirectories(folder);
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(source.resolve("hf-converted").resolve(name), folder.resolve(name));
    }
    Files.copy(source.resolve("tok512.bin"), folder.resolve("tokenizer.bin"));
    return folder;
  }
}
