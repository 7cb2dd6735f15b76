package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.io.TensorSource;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelFolderTest {

  @TempDir private Path folder;
  private Scope scope = Scope.open();
  private int before;

  @BeforeEach
  void count() {
    before = Scope.live();
  }

  @AfterEach
  void nothingIsLeft() {
    int made = scope.size();
    int live = Scope.live();
    scope.close();
    scope = Scope.open();
    assertThat(live - made).isEqualTo(before);
    scope.close();
  }

  private static float[] logits(LanguageModel model) {
    int[] ids = TinyModels.prompts(20).get(0);
    PackedBatch batch = PackedBatch.of(List.of(new TokenizedExample(new int[] {0}, ids, 0)));
    try (Scorer scorer = new Scorer(model);
        Tensor logits = scorer.logits(batch)) {
      return logits.toFloats();
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aSavedFolderGivesEqualLogits(Family family) throws IOException {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      for (boolean tied : new boolean[] {true, false}) {
        LanguageModel model = TinyModels.random(TinyModels.config(family, tied), precision);
        Path saved = folder.resolve(family + "-" + precision + tied);
        model.save(saved);
        LanguageModel again = LanguageModel.load(saved, precision);
        assertThat(logits(again)).isEqualTo(logits(model));
        assertThat(again.base().lmHead() == null).isEqualTo(tied);
        assertThat(again.config().dtype()).isEqualTo(precision.activations());
        assertThat(logits(LanguageModel.load(saved))).isEqualTo(logits(model));
      }
    }
  }

  @Test
  void mergedAdaptersAreWritten() throws IOException {
    LanguageModel model = TinyModels.random(Family.QWEN2);
    LanguageModel adapted = Tree.rewrite(model, Linear.class, TinyModels.Toy::on);
    assertThatThrownBy(() -> adapted.save(folder.resolve("adapted")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("merge the adapters first (merged()), or take them out (withoutAdapters())");
    assertThat(folder.resolve("adapted")).doesNotExist();
    LanguageModel merged = adapted.merged();
    merged.save(folder.resolve("merged"));
    float[] wanted = logits(adapted);
    float[] got = logits(LanguageModel.load(folder.resolve("merged")));
    assertThat(got).isEqualTo(logits(merged));
    float[] plain = logits(model);
    double moved = 0;
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(wanted[i], within(1e-3f));
      moved = Math.max(moved, Math.abs(got[i] - plain[i]));
    }
    assertThat(moved).isGreaterThan(0.1);
  }

  /** A product that only this process has. */
  private record Noisy(Linear base) implements Linear {
    @Override
    public Tensor apply(Tensor x, Pass pass) {
      return base.apply(x, pass).mul(1.01);
    }

    @Override
    public long in() {
      return base.in();
    }

    @Override
    public long out() {
      return base.out();
    }
  }

  @Test
  void productsWithoutAFormAreRefused() throws IOException {
    LanguageModel noisy =
        Tree.rewrite(
            TinyModels.random(Family.LLAMA),
            Linear.class,
            (path, l) -> path.endsWith("0.mlp.up_proj") ? new Noisy(l) : l);
    assertThatThrownBy(() -> noisy.save(folder.resolve("noisy")))
        .hasMessage(
            "the product at model.layers.0.mlp.up_proj is a Noisy, for which Hugging Face folders"
                + " have no form");
  }

  @Test
  void modelsIn8BitsAreRefused() throws IOException {
    LanguageModel model = TinyModels.random(TinyModels.config(Family.LLAMA, true), Precision.INT8);
    assertThatThrownBy(() -> model.save(folder.resolve("int8")))
        .hasMessage(
            "a model in 8 bits is not what Hugging Face folders hold; load it as bfloat16 to save"
                + " it");
  }

  @Test
  void tokenizerTemplateAndStopsComeAlong() throws IOException {
    Path first = TinyModels.folder(folder.resolve("first"));
    Files.writeString(first.resolve("notes.txt"), "not part of the model");
    LanguageModel model = LanguageModel.load(first);
    assertThat(model.endOfText()).isEqualTo(Set.of(2, 3));
    Path second = folder.resolve("second");
    model.save(second);
    assertThat(second.resolve("notes.txt")).doesNotExist();
    for (String name :
        List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      assertThat(second.resolve(name)).hasSameBinaryContentAs(first.resolve(name));
    }
    LanguageModel again = LanguageModel.load(second);
    int[] hi = model.requireTokenizer().encode("Hi", false);
    assertThat(model.encodeTarget("Hi")).startsWith(hi).endsWith(2).hasSize(hi.length + 1);
    List<ChatTemplate.Message> talk = List.of(ChatTemplate.Message.user("Hi"));
    assertThat(again.requireTemplate().render(talk, true))
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assertThat(again.requireTokenizer().encode("Hi", true))
        .isEqualTo(model.requireTokenizer().encode("Hi", true));
    assertThat(again.endOfText()).isEqualTo(Set.of(2, 3));
    // Over itself: what is copied is read before the old folder goes.
    float[] logits = logits(again);
    again.save(second);
    assertThat(logits(LanguageModel.load(second))).isEqualTo(logits);
    assertThat(second.resolve("tokenizer.json")).exists();
  }

  @Test
  void missingTextPartsAreSaid() throws IOException {
    LanguageModel bare = TinyModels.random(Family.LLAMA);
    assertThatThrownBy(bare::requireTokenizer)
        .hasMessage(
            "this model has no tokenizer: its folder has no tokenizer.json; give token ids instead"
                + " of text");
    assertThatThrownBy(bare::requireTemplate).hasMessageContaining("has no chat template");
    assertThatThrownBy(() -> new TextGenerator(bare)).hasMessageContaining("has no tokenizer");
    assertThat(bare.endOfText()).isEqualTo(Set.of(2));
    assertThatThrownBy(() -> bare.encodeTarget("Hi")).hasMessageContaining("has no tokenizer");
  }

  @Test
  void largeModelsAreWrittenInSeveralFiles() throws IOException {
    LanguageModel model = TinyModels.random(Family.GEMMA3);
    new ModelWriter(model, 20_000).write(folder.resolve("sharded"));
    assertThat(folder.resolve("sharded/model.safetensors")).doesNotExist();
    assertThat(folder.resolve("sharded/model.safetensors.index.json")).exists();
    assertThat(folder.resolve("sharded"))
        .isDirectoryContaining("glob:**model-00001-of-0000*.safetensors");
    assertThat(logits(LanguageModel.load(folder.resolve("sharded")))).isEqualTo(logits(model));
  }

  @Test
  @Tag("slow")
  void aModelFromGgufIsWritten() throws IOException {
    Path gguf = folder.resolve("gguf");
    Files.createDirectories(gguf);
    Path data = TestFiles.data("smollm2-135m-instruct");
    Files.createSymbolicLink(gguf.resolve("m.gguf"), data.resolve("model.Q4_1.gguf"));
    Files.copy(data.resolve("tokenizer.json"), gguf.resolve("tokenizer.json"));
    // Without config.json the file itself says what it is.
    LanguageModel model = LanguageModel.load(gguf, Precision.BFLOAT16);
    Files.delete(gguf.resolve("m.gguf"));
    assertThat(model.config().layers()).isEqualTo(30);
    Path saved = folder.resolve("saved");
    model.save(saved);
    assertThat(logits(LanguageModel.load(saved))).isEqualTo(logits(model));
    assertThat(LanguageModel.load(data, Precision.BFLOAT16).config().rope(0))
        .isEqualTo(model.config().rope(0));
  }

  /** Rewrites one tensor of a folder's weights, or takes it out. */
  private Path damaged(String name, Function<StoredTensor, Optional<StoredTensor>> change)
      throws IOException {
    Path bad = folder.resolve("bad");
    TinyModels.random(Family.LLAMA).save(bad);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    try (TensorSource source = TensorSource.open(bad)) {
      for (String n : source.names()) {
        Optional<StoredTensor> t = Optional.of(source.get(n));
        (n.equals(name) ? t.flatMap(change) : t).ifPresent(kept -> tensors.put(n, kept));
      }
      Safetensors.write(bad.resolve("model.safetensors"), tensors, Map.of());
    }
    return bad;
  }

  private void refuses(Path path, String message) {
    assertThatThrownBy(() -> LanguageModel.load(path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void wrongFoldersAreNamed() throws IOException {
    refuses(folder.resolve("none"), "none: no such folder; a Hugging Face model folder is needed");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refuses(empty, "no weights here; model.safetensors, model.safetensors.index.json or one .gguf");
    Path whole = folder.resolve("whole");
    TinyModels.random(Family.LLAMA).save(whole);
    Files.delete(whole.resolve("config.json"));
    refuses(whole, "whole: no config.json here");
    Files.writeString(whole.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
    refuses(whole, "model_type is gpt2; known are llama, mistral");
  }

  @Test
  void wrongWeightsAreNamed() throws IOException {
    String up = "model.layers.1.mlp.up_proj.weight";
    refuses(damaged(up, t -> Optional.empty()), "no tensor is called " + up);
    refuses(
        damaged(up, t -> Optional.of(StoredTensor.of(new float[6], 2, 3))),
        up + " is FLOAT32[2, 3]; floating-point numbers of shape [48, 32] are expected");
    refuses(
        damaged(up, t -> Optional.of(StoredTensor.of(new int[48 * 32], 48, 32))),
        up + " is INT32[48, 32]; floating-point numbers of shape [48, 32] are expected");
    Path cut = damaged(up, Optional::of);
    byte[] bytes = Files.readAllBytes(cut.resolve("model.safetensors"));
    Files.write(cut.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 100));
    refuses(cut, "model.safetensors");
  }

  @Test
  void weightsThatAreNotNumbersAreSaidWhereTheyShow() throws IOException {
    Path bad =
        damaged(
            "model.norm.weight",
            t -> {
              ByteBuffer b = ByteBuffer.allocateDirect(128).order(ByteOrder.LITTLE_ENDIAN);
              b.putFloat(0, Float.NaN);
              return Optional.of(new StoredTensor(DType.FLOAT32, t.shape(), b));
            });
    LanguageModel model = LanguageModel.load(bad);
    try (Scorer scorer = new Scorer(model)) {
      assertThat(scorer.logProbabilities(new int[] {1}, List.of(new int[] {2, 3})).get(0))
          .containsOnly(Double.NaN);
    }
    try (Generator generator = new Generator(model)) {
      assertThatThrownBy(() -> generator.generate(TinyModels.prompts(3), Generation.greedy(5)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("scores are not numbers at token 0");
    }
  }

  @ParameterizedTest
  @CsvSource({"int4", "'float 32'", "''"})
  void unknownPrecisionsAreNamed(String name) {
    assertThatThrownBy(() -> Precision.of(name))
        .hasMessage("\"" + name + "\" is not a precision; there are float32, bfloat16 and int8");
  }
}
