package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.io.GgufFile;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves Kindred: merged models, averaged mixtures, llama.cpp's adapter files. */
class ExportTest {

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static LanguageModel base() throws IOException {
    return LanguageModel.load(TestFiles.golden("tiny-qwen2"), Precision.FLOAT32);
  }

  /** An adapter that changes much; routers by a factor. */
  private static LanguageModel trained(LanguageModel base, AdapterConfig config, double routers) {
    LanguageModel model = Adapters.add(base, config, Key.of(3));
    return Tree.with(
        model,
        new Params(
            Tree.mapPaths(
                model.params(Adapter.class).asMap(),
                (path, t) ->
                    path.endsWith("_b")
                        ? Small.random(path, t.lengths()).to(t.dtype()).mul(0.3)
                        : path.endsWith("router.weight") ? t.mul(routers) : t)));
  }

  private static PackedBatch text(int seed) {
    int[] ids = Key.of(seed).random().ints(40, 0, 60).toArray();
    return PackedBatch.of(
        List.of(
            new TokenizedExample(
                Arrays.copyOfRange(ids, 0, 10), Arrays.copyOfRange(ids, 10, 25), 0),
            new TokenizedExample(
                Arrays.copyOfRange(ids, 25, 30), Arrays.copyOfRange(ids, 30, 40), 1)));
  }

  private static double[] scores(LanguageModel model) {
    try (Scorer scorer = new Scorer(model)) {
      return scorer.negativeLogLikelihoods(text(9));
    }
  }

  @Test
  void aMergedModelIsAHuggingFaceFolder() throws IOException {
    LanguageModel model = trained(base(), LoraConfig.of(4, 8, Targets.allLinear()), 1);
    model.merged().save(temporary.resolve("merged"));
    assertThat(scores(LanguageModel.load(temporary.resolve("merged"))))
        .containsExactly(scores(model), within(1e-4));
    LanguageModel mixture =
        trained(base(), MixtureOfDyadicExpertsConfig.of(2, 4, 2, Targets.of("q_proj")), 1);
    assertThatThrownBy(mixture::merged)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("what it adds is not the same for every input");
  }

  @Test
  void anAveragedMixtureIsALoraWithItsError() throws IOException {
    LanguageModel base = base();
    for (AdapterConfig config :
        List.of(
            MoLoraConfig.of(3, 2, Targets.of("q_proj", "up_proj")),
            MoLoraSharedDownConfig.of(3, 2, Targets.allLinear()),
            MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.allLinear()))) {
      LanguageModel even = trained(base, config, 0);
      AveragedLora exact = AveragedLora.of(even, config, List.of(text(1)), List.of(text(2)));
      assertThat(exact.errors().values()).allSatisfy(e -> assertThat(e).isLessThan(1e-5));
      assertThat(scores(exact.model())).containsExactly(scores(even), within(1e-5));
      assertThat(exact.averagedLoss()).isCloseTo(exact.mixtureLoss(), within(1e-5));

      LanguageModel routed = trained(base, config, 20);
      AveragedLora made = AveragedLora.of(routed, config, List.of(text(1)), List.of(text(2)));
      assertThat(made.errors()).hasSameSizeAs(exact.errors());
      assertThat(made.errors().values()).allSatisfy(e -> assertThat(e).isBetween(0.02, 1.5));
      assertThat(made.averagedLoss()).isNotEqualTo(made.mixtureLoss());
      // It saves and merges as any LoRA.
      AdapterFolder folder = AdapterFolder.at(temporary.resolve(config.peftType()));
      folder.save(made.model(), made.config(), null);
      assertThat(scores(folder.load(base).model())).isEqualTo(scores(made.model()));
      assertThat(scores(made.model().merged())).containsExactly(scores(made.model()), within(1e-4));
    }
  }

  /** The error is what it says, worked out for a first layer's product by hand. */
  @Test
  void theErrorIsRelativeToWhatTheMixtureAdds() throws IOException {
    var config = MoLoraSharedDownConfig.of(3, 2, Targets.of("q_proj").inLayers(0));
    LanguageModel model = trained(base(), config, 20);
    PackedBatch text = text(1);
    AveragedLora made = AveragedLora.of(model, config, List.of(text), List.of(text));
    String path = "model.layers.0.self_attn.q_proj";
    Tensor norm = Tree.params(model).get("model.layers.0.input_layernorm.weight");
    Tensor x = Tree.params(model).get("model.embed_tokens.weight").embedding(Tensor.of(text.ids()));
    Tensor normed =
        x.mul(x.pow(2).mean(-1, true).add(model.config().rmsNormEps()).rsqrt()).mul(norm);
    MoLoraSharedDown mixture = Tree.parts(model, MoLoraSharedDown.class).get(path);
    assertThat(mixture).isNotNull();
    if (mixture != null) {
      Lora lora = mixture.averaged(mixture.routing(normed).mean(0, false));
      Tensor added = mixture.delta(normed, Small.PASS);
      double missed = added.sub(lora.delta(normed, Small.PASS)).pow(2).sum().item();
      assertThat(made.errors())
          .containsOnlyKeys(path)
          .allSatisfy(
              (p, error) ->
                  assertThat(error)
                      .isCloseTo(Math.sqrt(missed / added.pow(2).sum().item()), within(1e-5)));
    }
  }

  @Test
  void whatCannotBeAveragedIsRefused() throws IOException {
    LoraConfig config = LoraConfig.of(2, 2, Targets.of("q_proj"));
    LanguageModel model = trained(base(), config, 1);
    assertThatThrownBy(() -> AveragedLora.of(model, config, List.of(text(1)), List.of(text(1))))
        .hasMessageContaining("q_proj has no router");
  }

  /**
   * As llama.cpp's converter writes an adapter ({@code convert_lora_to_gguf.py}): type, kind and
   * architecture, pairs of {@code lora_a} and {@code lora_b} after the base tensor's whole name, in
   * shapes that fit the base's tensor and each other.
   */
  @Test
  void namesAndShapesAreThoseOfLlamaCppsConverter() throws IOException {
    LanguageModel base = TestFiles.stories();
    Path path = temporary.resolve("all.gguf");
    GgufLora.write(trained(base, LoraConfig.of(3, 6, Targets.allLinear()), 1), path);
    Map<String, List<String>> products =
        Map.of(
            "attn_q", List.of("self_attn", "q_proj"),
            "attn_k", List.of("self_attn", "k_proj"),
            "attn_v", List.of("self_attn", "v_proj"),
            "attn_output", List.of("self_attn", "o_proj"),
            "ffn_gate", List.of("mlp", "gate_proj"),
            "ffn_up", List.of("mlp", "up_proj"),
            "ffn_down", List.of("mlp", "down_proj"));
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.metadata().string("general.type")).isEqualTo("adapter");
      assertThat(file.metadata().string("adapter.type")).isEqualTo("lora");
      assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(file.metadata().number("adapter.lora.alpha")).isEqualTo(6);
      assertThat(file.names()).hasSize(2 * 7 * base.config().layers());
      Params weights = Tree.params(base);
      for (int layer = 0; layer < base.config().layers(); layer++) {
        for (var product : products.entrySet()) {
          String name = "blk." + layer + "." + product.getKey() + ".weight";
          String weight =
              "model.layers." + layer + "." + String.join(".", product.getValue()) + ".weight";
          long[] w = weights.get(weight).lengths(); // [out, in]
          assertThat(file.shape(name + ".lora_a")).as(name).containsExactly(3, w[1]);
          assertThat(file.shape(name + ".lora_b")).as(name).containsExactly(w[0], 3);
        }
      }
    }
  }

  /** {@code W_gguf x} for a permuted q is {@code W x} with heads' halves interleaved. */
  @Test
  void aLoraLeavesAsLlamaCppsAdapterFile() throws IOException {
    LanguageModel base = TestFiles.stories();
    LoraConfig config =
        new LoraConfig(
            4, 6, true, 0, Targets.of("q_proj", "v_proj"), Map.of("v_proj", 2), Map.of());
    LanguageModel model = trained(base, config, 1);
    Path path = temporary.resolve("lora.gguf");
    GgufLora.write(model, path);
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.metadata().string("general.type")).isEqualTo("adapter");
      assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(file.metadata().string("adapter.type")).isEqualTo("lora");
      double alpha = file.metadata().number("adapter.lora.alpha");
      assertThat(file.names()).hasSize(4 * base.config().layers());
      int dim = base.config().attention().headDim();
      for (String name : List.of("q", "v")) {
        Lora lora = Tree.parts(model, Lora.class).get("model.layers.1.self_attn." + name + "_proj");
        assertThat(lora).isNotNull();
        if (lora == null) {
          continue;
        }
        float[] a = file.get("blk.1.attn_" + name + ".weight.lora_a").toFloats();
        float[] b = file.get("blk.1.attn_" + name + ".weight.lora_b").toFloats();
        int r = (int) file.shape("blk.1.attn_" + name + ".weight.lora_b")[1];
        assertThat(file.shape("blk.1.attn_" + name + ".weight.lora_a"))
            .containsExactly(r, base.config().hiddenSize());
        float[] want = lora.loraB().matmul(lora.loraA()).mul(lora.scale()).toFloats();
        int in = base.config().hiddenSize();
        for (int row = 0; row < want.length / in; row++) {
          int within = row % dim;
          int half = dim / 2;
          int interleaved = within < half ? 2 * within : 2 * (within - half) + 1;
          int at = name.equals("q") ? row - within + interleaved : row;
          for (int c = 0; c < in; c++) {
            double got = 0;
            for (int l = 0; l < r; l++) {
              got += alpha / r * b[at * r + l] * a[l * in + c];
            }
            assertThat(got).isCloseTo(want[row * in + c], within(1e-5));
          }
        }
      }
    }
    LanguageModel mixture = trained(base, MoLoraConfig.of(2, 2, Targets.of("q_proj")), 1);
    assertThatThrownBy(() -> GgufLora.write(mixture, path))
        .hasMessageContaining("is a MoLora; llama.cpp's adapter files hold LoRA alone");
    assertThatThrownBy(() -> GgufLora.write(base, path)).hasMessageContaining("no adapters");
  }
}
