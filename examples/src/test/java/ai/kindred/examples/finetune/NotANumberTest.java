package ai.kindred.examples.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.ByteLevelBpe;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.lm.Tokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss that is not a number ends a run with its step, and nothing is saved as if it were done.
 */
class NotANumberTest {

  private static final int VOCABULARY = 260;
  private static final int HIDDEN = 32;

  @TempDir private Path folder;

  /** A model that reads every byte but Z, whose row of the embedding is not a number. */
  private Path model() throws IOException {
    ModelConfig config =
        ModelConfig.parse(
            """
            {"model_type": "llama", "vocab_size": 260, "hidden_size": 32, "intermediate_size": 64,
             "num_hidden_layers": 1, "num_attention_heads": 4, "max_position_embeddings": 512,
             "tie_word_embeddings": false, "eos_token_id": 2, "torch_dtype": "float32"}""",
            "test");
    Path path = folder.resolve("model");
    ByteLevelBpe bytes = new ByteLevelBpe(List.of());
    bytes.write(path, 512);
    int z;
    try (Tokenizer tokenizer = Tokenizer.load(path)) {
      z = tokenizer.encode("Z", false)[0];
    }
    try (Scope scope = Scope.open()) {
      LanguageModel drawn = scope.adopt(LanguageModel.initialised(config, null, Key.of(1)));
      float[] row = new float[VOCABULARY];
      row[z] = Float.NaN;
      LanguageModel poisoned =
          Tree.mapPaths(
              drawn,
              (name, t) ->
                  name.equals("model.embed_tokens.weight")
                      ? t.add(Tensor.of(row, VOCABULARY, 1).mul(Tensor.ones(t.dtype(), 1, HIDDEN)))
                      : t);
      poisoned.save(folder.resolve("weights"));
    }
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.move(folder.resolve("weights").resolve(name), path.resolve(name));
    }
    return path;
  }

  /** One task whose every answer is read through Z. */
  private Path tasks() throws IOException {
    List<Map<String, Object>> instances =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    Map.<String, Object>of(
                        "id", "t-" + i, "input", "number " + i, "output", List.of("ZZ")))
            .toList();
    Path tasks = Files.createDirectories(folder.resolve("tasks"));
    new ObjectMapper()
        .writeValue(
            tasks.resolve("task001_z.json").toFile(),
            Map.of(
                "Definition", List.of("Say it."),
                "Positive Examples", List.of(),
                "Negative Examples", List.of(),
                "Input_language", List.of("English"),
                "Output_language", List.of("English"),
                "Instances", instances));
    return tasks;
  }

  @Test
  void theMessageNamesTheStep() throws IOException {
    StringWriter err = new StringWriter();
    Path run = folder.resolve("run");
    int code =
        Kindred.run(
            List.of(new FineTuneCommands()),
            new PrintWriter(new StringWriter()),
            new PrintWriter(err, true),
            "finetune",
            "--model",
            model().toString(),
            "--tasks",
            tasks().toString(),
            "--dtype",
            "float32",
            "--held-out",
            "2",
            "--steps",
            "3",
            "--batch-tokens",
            "256",
            "--max-new-tokens",
            "2",
            "--out",
            run.toString());
    assertThat(code).as("%s", err).isEqualTo(1);
    assertThat(err.toString())
        .contains(
            "kindred: step 1: the loss is NaN and the gradient's norm NaN at learning rate",
            "the step was not applied. Lower the learning rate");
    assertThat(run.resolve("adapter")).doesNotExist();
    assertThat(run.resolve("checkpoints")).doesNotExist();
  }
}
