package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Dense;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders of every method whose tensors are not what their config asks for. */
class BadAdapterTest {

  private static final Targets Q = Targets.of("q_proj");

  @TempDir private Path folder;

  private final Scope scope = Scope.open();
  private final Toy toy = Toy.of(2);

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<AdapterConfig> methods() {
    return Stream.of(
        LoraConfig.of(2, 4, Q),
        MoLoraConfig.of(2, 3, Q).withRouter(RouterConfig.defaults().withBias(true)),
        MoLoraSharedDownConfig.of(2, 3, Q),
        MixtureOfDyadicExpertsConfig.of(2, 4, 2, Q));
  }

  private void saved(AdapterConfig config, Consumer<Map<String, StoredTensor>> change)
      throws IOException {
    AdapterFolder.at(folder.resolve("a")).save(Adapters.add(toy, config, Key.of(1)), config, null);
    Path file = folder.resolve("a/adapter_model.safetensors");
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata;
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      metadata = read.metadata();
      for (String name : read.names()) {
        StoredTensor t = read.get(name);
        tensors.put(name, StoredTensor.of(t.toFloats(), t.shape()));
      }
    }
    change.accept(tensors);
    Safetensors.write(file, tensors, metadata);
  }

  private String refusal(Toy model) {
    int live = Scope.live();
    String[] message = new String[1];
    assertThatThrownBy(
            () -> {
              try (Scope own = Scope.open()) {
                assertThat(own.size()).isZero();
                AdapterFolder.at(folder.resolve("a")).load(model);
              }
            })
        .isInstanceOf(IOException.class)
        .satisfies(e -> message[0] = String.valueOf(e.getMessage()));
    assertThat(Scope.live()).isEqualTo(live);
    return message[0];
  }

  private static String last(Map<String, StoredTensor> tensors) {
    return tensors.keySet().stream().reduce((a, b) -> b).orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMissingKeyIsNamed(AdapterConfig config) throws IOException {
    saved(config, tensors -> tensors.remove(last(tensors)));
    assertThat(refusal(toy))
        .contains("there is no tensor base_model.model.layers.1.q_proj.")
        .contains("the adapter lacks a module that its config targets in this model");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void anExtraKeyIsNamed(AdapterConfig config) throws IOException {
    saved(
        config,
        tensors -> tensors.put("base_model.model.more.weight", StoredTensor.of(new float[1], 1)));
    assertThat(refusal(toy)).contains("the file also holds base_model.model.more.weight");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aTensorOfAnotherShapeIsNamed(AdapterConfig config) throws IOException {
    saved(config, tensors -> tensors.put(last(tensors), StoredTensor.of(new float[35], 5, 7)));
    assertThat(refusal(toy)).contains("is of shape [5, 7]; this model and the config ask for [");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void valuesThatAreNotNumbersAreNamed(AdapterConfig config) throws IOException {
    saved(
        config,
        tensors -> {
          String name =
              tensors.keySet().stream()
                  .filter(n -> n.contains("router") || config instanceof LoraConfig)
                  .findFirst()
                  .orElseThrow();
          StoredTensor was = tensors.getOrDefault(name, StoredTensor.of(new float[1], 1));
          float[] values = was.toFloats();
          values[1] = Float.NaN;
          tensors.put(name, StoredTensor.of(values, was.shape()));
        });
    assertThat(refusal(toy)).contains("holds NaN at place 1; every value must be finite");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void anotherBaseIsTold(AdapterConfig config) throws IOException {
    saved(config, tensors -> {});
    Toy moved = Tree.mapPaths(toy, (path, t) -> path.startsWith("layers.0") ? t.add(1) : t);
    assertThat(refusal(moved)).contains("was trained on other weights: its base model has");
    Toy wider =
        new Toy(
            toy.layers().stream()
                .map(l -> new Toy.Layer(new Dense(Small.random("wide", 6, 9), null), l.vProj()))
                .toList(),
            toy.lmHead());
    assertThat(refusal(wider)).contains("was trained on other weights");
    // A folder of PEFT's own, which knows no checksum.
    Toy unnamed = new Toy(toy.layers().subList(0, 1), toy.lmHead());
    assertThat(AdapterFolder.at(folder.resolve("a")).onAnyBase()).isNotNull();
    assertThatThrownBy(() -> AdapterFolder.at(folder.resolve("a")).onAnyBase().load(unnamed))
        .hasMessageContaining("the file also holds base_model.model.layers.1.q_proj.");
    assertThatThrownBy(() -> AdapterFolder.at(folder.resolve("a")).onAnyBase().load(wider))
        .hasMessageContaining("is it the base model that the adapter was trained on?");
  }

  @Test
  void targetsThatAreNotThereTellWhatIs() throws IOException {
    saved(LoraConfig.of(2, 4, Q), tensors -> {});
    Object other = new Other(new Dense(Small.random("w", 4, 6), null));
    assertThatThrownBy(() -> AdapterFolder.at(folder.resolve("a")).onAnyBase().load(other))
        .hasMessageContaining("the adapter is for another model")
        .hasMessageContaining("the model's linear modules are query (one is query)");
    Tensor x = Small.random("x", 1, 6);
    assertThat(((Other) other).query().apply(x, Small.PASS).lengths()).containsExactly(1, 4);
  }

  record Other(Dense query) {}
}
