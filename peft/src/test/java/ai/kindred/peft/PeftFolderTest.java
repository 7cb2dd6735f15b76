package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.config.Json;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Pass;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that PEFT wrote, compared with what PEFT computes from them. */
class PeftFolderTest {

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private record In(Params params, TokenBatch batch) {}

  private static Tensor loss(LanguageModel model, In in) {
    LanguageModel m = Tree.with(model, in.params());
    Pass pass = m.pass(in.batch(), true, false, null);
    Tensor h = m.base().hidden(in.batch().ids(), pass).indexSelect(0, in.batch().targets());
    return m.base().negativeLogLikelihood(h, in.batch().labels(), pass).mean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora-stories260K-qv", "lora-stories260K-all"})
  void lossGradientsAndMergedModelAreThoseOfPeft(String name) throws IOException {
    Path folder = TestFiles.golden(name);
    JsonNode golden = TestFiles.json(folder.resolve("case.json"));
    LanguageModel base = TestFiles.stories();
    var loaded = AdapterFolder.at(folder).load(base);
    assertThat(loaded.ignored()).isEmpty();
    LanguageModel model = loaded.model();
    var batch = Batches.labelled(golden);
    double expected = golden.get("first_loss").asDouble();
    try (Kernel<In, Grad<Params>> step =
            Kernel.of(in -> Grad.of(p -> loss(model, new In(p, in.batch())), in.params()));
        SafetensorsFile gradients = SafetensorsFile.open(folder.resolve("gradients.safetensors"))) {
      Grad<Params> g = step.call(new In(model.params(Adapter.class), TokenBatch.of(batch)));
      assertThat(g.value().item()).isCloseTo(expected, within(1e-4 * expected));
      Map<String, Tensor> grads = g.grads().asMap();
      assertThat(grads).hasSameSizeAs(gradients.names());
      for (Map.Entry<String, Tensor> e : grads.entrySet()) {
        float[] want = gradients.get(AdapterKeys.withoutPrefix(e.getKey())).toFloats();
        float[] got = e.getValue().toFloats();
        assertThat(distance(got, want)).as(e.getKey()).isLessThan(1e-3);
      }
    }
    try (Scorer scorer = new Scorer(model.merged())) {
      double mean = Arrays.stream(scorer.negativeLogLikelihoods(batch)).average().orElseThrow();
      assertThat(mean).isCloseTo(expected, within(1e-4 * expected));
    }
    LanguageModel bare = model.withoutAdapters();
    assertThat(bare.base().model()).isEqualTo(base.base().model());
  }

  /** |got - want| / |want|. */
  private static double distance(float[] got, float[] want) {
    double off = 0;
    double all = 0;
    for (int i = 0; i < want.length; i++) {
      off += Math.pow(got[i] - (double) want[i], 2);
      all += Math.pow(want[i], 2);
    }
    return Math.sqrt(off / all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora-stories260K-qv", "lora-stories260K-all"})
  void writtenFoldersHavePeftsNamesShapesAndFields(String name) throws IOException {
    Path folder = TestFiles.golden(name);
    LanguageModel base = TestFiles.stories();
    var loaded = AdapterFolder.at(folder).load(base);
    Path written = temporary.resolve("adapter");
    AdapterFolder.at(written).save(loaded.model(), loaded.config(), "stories260K");
    assertThat(written.resolve("README.md")).content().contains("base_model: stories260K");

    ObjectNode theirs = (ObjectNode) TestFiles.json(folder.resolve("adapter_config.json"));
    ObjectNode ours = (ObjectNode) TestFiles.json(written.resolve("adapter_config.json"));
    assertThat(ours).isEqualTo(theirs);
    assertThat(List.copyOf(names(ours))).isEqualTo(names(theirs));
    try (SafetensorsFile a = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
        SafetensorsFile b = SafetensorsFile.open(written.resolve("adapter_model.safetensors"))) {
      assertThat(List.copyOf(b.names())).isEqualTo(List.copyOf(a.names()));
      for (String key : a.names()) {
        StoredTensor stored = a.get(key);
        assertThat(b.get(key)).isEqualTo(stored);
      }
      assertThat(b.metadata()).containsEntry("format", "pt");
    }
    LanguageModel again = AdapterFolder.at(written).load(base).model();
    Map<String, Tensor> back = again.params(Adapter.class).asMap();
    loaded
        .model()
        .params(Adapter.class)
        .asMap()
        .forEach(
            (path, t) ->
                assertThat(back.get(path))
                    .satisfies(r -> assertThat(r.toFloats()).isEqualTo(t.toFloats())));
  }

  private static List<String> names(ObjectNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private Path copy(String name) throws IOException {
    Path folder = TestFiles.golden(name);
    Path to = Files.createDirectories(temporary.resolve("copy"));
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.write(to.resolve(file), Files.readAllBytes(folder.resolve(file)));
    }
    return to;
  }

  private Path withField(String field, String value) throws IOException {
    Path folder = copy("lora-stories260K-qv");
    Path file = folder.resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) TestFiles.json(file);
    json.set(field, Json.parse(value, "test", Json.Limits.CONFIG));
    Files.writeString(file, Json.pretty(json));
    return folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          use_dora              | true             | `use_dora` is set, which is not supported
          bias                  | "lora_only"      | `bias` is not "none"
          fan_in_fan_out        | true             | weights would be transposed
          modules_to_save       | ["lm_head"]      | `modules_to_save` is set
          target_parameters     | ["experts.w"]    | `target_parameters` is set
          lora_bias             | true             | biases of B
          init_lora_weights     | "pissa"          | may have changed the base model's weights
          layers_pattern        | "blocks"         | can only be `layers`
          exclude_modules       | "v.*"            | `exclude_modules` must be a list
          target_modules        | []               | is empty
          target_modules        | ["q_proj", 3]    | must be a list of at most 10000 strings
          target_modules        | "(?!x).*"        | without look-around
          target_modules        | ["c_attn"]       | the model's linear modules are down_proj
          target_modules        | ["q_proj","k_proj"] | k_proj.lora_A.weight: the adapter lacks a module
          target_modules        | ["q_proj"]       | the file also holds base_model.model.model.layers.0.self_attn.v_proj
          r                     | 5                | is of shape [4, 64]; this model and the config ask for [5, 64]
          r                     | 60000            | asks for larger tensors at
          r                     | 0                | `r`
          lora_alpha            | "16"             | `lora_alpha` must be a number
          lora_dropout          | 1.5              | `lora_dropout`
          rank_pattern          | {"q_proj": 0}    | `rank_pattern
          peft_type             | "LOHA"           | `peft_type` is "LOHA"; the kinds read here are [LORA, MODE, MOLORA, MOLORA_SD]
          peft_type             | null             | `peft_type` is
          """)
  void whatIsNotDoneIsRefusedWithItsReason(String field, String value, String message)
      throws IOException {
    Path folder = withField(field, value);
    LanguageModel base = TestFiles.stories();
    assertThatThrownBy(() -> AdapterFolder.at(folder).load(base))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContaining(message);
  }

  @Test
  void unknownFieldsAreReported() throws IOException {
    Path folder = withField("a_field_of_tomorrow", "[1]");
    assertThat(AdapterFolder.at(folder).load(TestFiles.stories()).ignored())
        .containsExactly("a_field_of_tomorrow");
  }

  @Test
  void anotherBaseModelIsNamed() throws IOException {
    Path folder = copy("lora-stories260K-qv");
    LanguageModel other = LanguageModel.load(TestFiles.golden("tiny-qwen2"));
    assertThatThrownBy(() -> AdapterFolder.at(folder).load(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is it the base model that the adapter was trained on?");

    LanguageModel base = TestFiles.stories();
    var loaded = AdapterFolder.at(folder).load(base);
    AdapterFolder written = AdapterFolder.at(temporary.resolve("mine"));
    written.save(loaded.model(), loaded.config(), null);
    LanguageModel moved =
        Tree.mapPaths(base, (path, t) -> path.equals("model.norm.weight") ? t.add(1) : t);
    assertThatThrownBy(() -> written.load(moved))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was trained on other weights");
    assertThat(written.onAnyBase().load(moved).config()).isEqualTo(loaded.config());
  }

  @Test
  void pickledWeightsAreNeverRead() throws IOException {
    Path folder = copy("lora-stories260K-qv");
    Files.move(folder.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.bin"));
    LanguageModel base = TestFiles.stories();
    assertThatThrownBy(() -> AdapterFolder.at(folder).load(base))
        .hasMessageContaining("adapter_model.bin can run code and is never read");
    assertThatThrownBy(() -> AdapterFolder.at(temporary.resolve("none")).load(base))
        .hasMessageContaining("no adapter folder: it has no adapter_config.json");
  }
}
