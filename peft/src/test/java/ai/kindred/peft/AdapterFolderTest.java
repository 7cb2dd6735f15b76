package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Json;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterFolderTest {

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<AdapterConfig> configs() {
    return Stream.of(
        LoraConfig.of(2, 4, Targets.of("q_proj", "v_proj")),
        new LoraConfig(
            4,
            3.5,
            true,
            0.1,
            Targets.matching("layers\\.\\d+\\..*").inLayers(0, 2).without("v_proj"),
            Map.of("layers.2.q_proj", 1),
            Map.of("q_proj", 2.0)),
        MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.allLinear()),
        new MixtureOfDyadicExpertsConfig(
            2, 3, 1, 0.25, new RouterConfig(true, 2, 0.5, 1), Targets.of("v_proj")),
        MoLoraConfig.of(3, 2, Targets.allLinear().inLayers(0, 2)),
        new MoLoraConfig(4, 1, 2, new RouterConfig(true, 1, 3, 2), Targets.of("q_proj")),
        MoLoraSharedDownConfig.of(2, 3, Targets.matching("layers.*")),
        new MoLoraSharedDownConfig(
            3, 2, 0.5, new RouterConfig(true, 0.1, 1, 2), Targets.of("q_proj")),
        new Toy.GainConfig(0.5, Targets.of("q_proj").inLayers(1)));
  }

  /** Values of every adapter's leaf by path. */
  private static Map<String, Tensor> values(Object model) {
    return Tree.params(model, Adapter.class).asMap();
  }

  private static Toy shaken(Toy model) {
    Params params = Tree.params(model, Adapter.class);
    return Tree.with(model, params.map(t -> t.add(0.1)));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void whatIsSavedIsLoaded(AdapterConfig config) throws IOException {
    Toy model = shaken(Toy.adapted(config));
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("a")).reading(Toy.GainConfig.class);
    folder.save(model, config, "toy");
    var loaded = folder.load(Toy.of(3));
    assertThat(loaded.config()).isEqualTo(config);
    assertThat(loaded.ignored()).isEmpty();
    Map<String, Tensor> was = values(model);
    Map<String, Tensor> now = values(loaded.model());
    assertThat(List.copyOf(now.keySet())).isEqualTo(List.copyOf(was.keySet()));
    was.forEach(
        (path, t) ->
            assertThat(Tree.params(loaded.model()).get(path).toFloats())
                .as(path)
                .isEqualTo(t.toFloats()));
    Tensor x = Small.random("x", 2, 6);
    assertThat(loaded.model().layers().get(1).qProj().apply(x, Small.PASS).toDoubles())
        .isEqualTo(model.layers().get(1).qProj().apply(x, Small.PASS).toDoubles());
  }

  @Test
  void aMixturesFolderHoldsEverythingItsRoutersNeed() throws IOException {
    var config =
        new MixtureOfDyadicExpertsConfig(
            3, 4, 2, 0.5, RouterConfig.defaults(), Targets.of("q_proj"));
    AdapterFolder.at(temporary.resolve("a")).save(Toy.adapted(config), config, null);
    JsonNode json = Json.read(temporary.resolve("a/adapter_config.json"), Json.Limits.CONFIG);
    assertThat(json.toString())
        .isEqualTo(
            "{\"auto_mapping\":null,\"base_model_name_or_path\":null,\"exclude_modules\":null,"
                + "\"expert_rank\":2,\"experts\":3,\"format_version\":1,\"inference_mode\":true,"
                + "\"layers_pattern\":null,\"layers_to_transform\":null,"
                + "\"peft_type\":\"MODE\",\"rank\":4,\"revision\":null,"
                + "\"router\":{\"bias\":false,\"init\":1.0,\"temperature\":1.0,\"top_k\":null},"
                + "\"scale\":0.5,\"target_modules\":[\"q_proj\"],\"task_type\":null}");
    try (SafetensorsFile file =
        SafetensorsFile.open(temporary.resolve("a/adapter_model.safetensors"))) {
      String q = "base_model.model.layers.0.q_proj.";
      assertThat(file.names())
          .hasSize(9)
          .contains(q + "mode_A.weight", q + "mode_B.weight", q + "mode_router.weight");
      assertThat(file.shape(q + "mode_A.weight")).containsExactly(4, 6);
      assertThat(file.shape(q + "mode_B.weight")).containsExactly(6, 12);
      assertThat(file.shape(q + "mode_router.weight")).containsExactly(6, 6);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          format_version | 2                                                     | `format_version` must be 1
          router         | {"bias":true,"init":1,"temperature":1,"top_k":null}   | mode_router.bias: the adapter lacks
          router         | {"bias":false,"init":1,"temperature":1,"top_k":4}     | number of experts, 3, not 4
          router         | {"bias":false,"init":1,"temperature":0,"top_k":null}  | `router.temperature`
          router         | {"bias":false,"init":1}                               | `router.temperature` is missing
          router         | "softmax"                                             | `router`
          scale          | null                                                  | `scale`
          target_modules | null                                                  | `target_modules`
          expert_rank    | 3                                                     | rank 4, expert rank 3
          experts        | 70000                                                 | `experts`
          experts        | 5                                                     | is of shape [6, 12]
          """)
  void otherRoutersAreRefused(String field, String value, String message) throws IOException {
    var config = MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.of("q_proj"));
    Path folder = temporary.resolve("a");
    AdapterFolder.at(folder).save(Toy.adapted(config), config, null);
    Path file = folder.resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) Json.read(file, Json.Limits.CONFIG);
    json.set(field, Json.parse(value, "test", Json.Limits.CONFIG));
    Files.writeString(file, json.toString());
    Toy toy = Toy.of(3);
    assertThatThrownBy(() -> AdapterFolder.at(folder).load(toy))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void keysFollowFromComponents() {
    assertThat(AdapterKeys.of("m.q_proj.lora_a"))
        .isEqualTo("base_model.model.m.q_proj.lora_A.weight");
    assertThat(AdapterKeys.withoutPrefix("q_proj.mode_router"))
        .isEqualTo("q_proj.mode_router.weight");
    assertThat(AdapterKeys.withoutPrefix("q_proj.gate.weight")).isEqualTo("q_proj.gate.weight");
  }

  @Test
  void onlyAnAdaptersFolderIsReplaced() throws IOException {
    LoraConfig config = LoraConfig.of(2, 4, Targets.of("q_proj"));
    Path folder = temporary.resolve("a");
    AdapterFolder.at(folder).save(Toy.adapted(config), config, null);
    AdapterFolder.at(folder).save(shaken(Toy.adapted(config)), config, null);
    Files.writeString(folder.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> AdapterFolder.at(folder).save(Toy.adapted(config), config, null))
        .hasMessage("will not replace the folder " + folder + ": it also holds thesis.tex");
    assertThat(folder.resolve("thesis.tex")).exists();
    Path taken = Files.writeString(temporary.resolve("file"), "");
    assertThatThrownBy(() -> AdapterFolder.at(taken).save(Toy.adapted(config), config, null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it is a file");
  }

  @Test
  void divergedOrMismatchedAdaptersAreNotWritten() {
    LoraConfig config = LoraConfig.of(2, 4, Targets.of("q_proj"));
    Toy model = Toy.adapted(config);
    Toy diverged = Tree.with(model, Tree.params(model, Adapter.class).map(t -> t.add(Double.NaN)));
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("a"));
    assertThatThrownBy(() -> folder.save(diverged, config, null))
        .hasMessage(
            "layers.0.q_proj.lora_a holds values that are not finite: training has diverged");
    LoraConfig other = LoraConfig.of(2, 4, Targets.of("v_proj"));
    assertThatThrownBy(() -> folder.save(model, other, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("config's targets are [layers.0.v_proj");
    assertThat(temporary).isEmptyDirectory();
  }
}
