package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters on 8-bit base weights. */
class QuantisedBaseTest {

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static LanguageModel base(Precision precision) throws IOException {
    return LanguageModel.load(TestFiles.storiesFolder(), precision);
  }

  private static LanguageModel dequantised(LanguageModel model) {
    return Tree.rewrite(
        model,
        Linear.class,
        (path, l) -> l instanceof Int8 q ? new Dense(q.dequantised(DType.FLOAT32), q.bias()) : l);
  }

  private static Params shaken(LanguageModel model) {
    return new Params(
        Tree.mapPaths(
            model.params(Adapter.class).asMap(),
            (path, t) ->
                path.endsWith("_b") ? Small.random(path, t.lengths()).to(t.dtype()).mul(0.1) : t));
  }

  private record In(Params params, TokenBatch batch) {}

  private static Grad<Params> step(LanguageModel model, boolean recompute) {
    LanguageModelObjective objective =
        LanguageModelObjective.of(model).computingIn(DType.FLOAT32).recomputing(recompute);
    PackedBatch batch =
        PackedBatch.of(
            List.of(
                new TokenizedExample(new int[] {1, 40, 41, 42}, new int[] {43, 44, 45}, 0),
                new TokenizedExample(new int[] {1, 50, 51}, new int[] {52, 53}, 0)));
    try (Kernel<In, Grad<Params>> k =
        Kernel.of(
            in -> Grad.of(p -> objective.loss(p, in.batch(), Tensor.of(Key.of(1))), in.params()))) {
      return k.call(new In(shaken(model), TokenBatch.of(batch)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOnTheDequantisedWeights(boolean recompute) throws IOException {
    LanguageModel quantised = base(Precision.INT8);
    assertThat(Tree.parts(quantised, Int8.class)).isNotEmpty();
    for (AdapterConfig config :
        List.of(
            LoraConfig.of(4, 8, Targets.allLinear()),
            MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.allLinear()))) {
      LanguageModel model = Adapters.add(quantised, config, Key.of(1));
      LanguageModel plain = Adapters.add(dequantised(quantised), config, Key.of(1));
      Grad<Params> ours = step(model, recompute);
      Grad<Params> want = step(plain, recompute);
      assertThat(ours.value().item()).isCloseTo(want.value().item(), within(1e-5));
      Map<String, Tensor> grads = want.grads().asMap();
      assertThat(ours.grads().asMap()).hasSameSizeAs(grads);
      ours.grads()
          .asMap()
          .forEach(
              (path, g) -> {
                Tensor other = want.grads().get(path);
                double largest = other.abs().amax().item();
                assertThat(largest).as(path).isPositive();
                assertThat(g.sub(other).abs().amax().item()).as(path).isLessThan(1e-4 * largest);
              });
    }
  }

  /** An adapter trained on 8-bit weights is a folder like any other, for either base. */
  @Test
  void itsFolderIsForEitherBase() throws IOException {
    LoraConfig config = LoraConfig.of(4, 8, Targets.of("q_proj"));
    LanguageModel model = Adapters.add(base(Precision.INT8), config, Key.of(1));
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("a"));
    folder.save(Tree.with(model, shaken(model)), config, null);
    // Another precision has other bytes, so nothing can be said of it: only equal types compare.
    LanguageModel again = folder.load(base(Precision.FLOAT32)).model();
    shaken(model)
        .asMap()
        .forEach(
            (path, t) ->
                assertThat(again.params(Adapter.class).get(path).toFloats())
                    .isEqualTo(t.toFloats()));
  }
}
