package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterStatsTest {

  private static final String FIRST = "model.layers.0.self_attn.q_proj";

  private static LanguageModel mixture(LanguageModel base) {
    var config = MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.of("q_proj", "down_proj"));
    LanguageModel model = Adapters.add(base, config, Key.of(3));
    // B away from zero, so that later layers feel the experts.
    return Tree.with(
        model,
        Tree.params(
            Tree.mapPaths(
                model.params(Adapter.class),
                (path, t) -> path.endsWith("mode_b") ? t.add(0.05) : t)));
  }

  private static TokenizedExample example(int task, int... ids) {
    return new TokenizedExample(
        Arrays.copyOf(ids, ids.length - 1), new int[] {ids[ids.length - 1]}, task);
  }

  private static LanguageModel base() throws IOException {
    return LanguageModel.load(TestFiles.golden("tiny-qwen2"), Precision.FLOAT32);
  }

  @Test
  void meansAreThoseOfTheRoutersOneTokenAfterAnother() throws IOException {
    try (Scope scope = Scope.open();
        RouterStats stats = new RouterStats(mixture(base()))) {
      LanguageModel model = mixture(base());
      TokenizedExample a = example(7, 3, 9, 27, 5, 12);
      TokenizedExample b = example(2, 1, 8);
      TokenizedExample c = example(7, 4, 4, 6);
      stats.add(PackedBatch.of(List.of(a, b)));
      stats.add(PackedBatch.of(List.of(c)));
      assertThat(stats.routers()).hasSize(2 * 2 * model.config().layers());
      assertThat(stats.routers())
          .extracting(RouterStats.Router::task)
          .startsWith(2, 7, 2, 7)
          .containsOnly(2, 7);

      // The first layer's router sees the normed embedding alone, so it can be asked directly.
      Routed router = Tree.parts(model, Routed.class).get(FIRST);
      Tensor norm = Tree.params(model).get("model.layers.0.input_layernorm.weight");
      Tensor table = Tree.params(model).get("model.embed_tokens.weight");
      Tensor x = table.embedding(Tensor.of(new int[] {3, 9, 27, 5, 4, 4}));
      double eps = model.config().rmsNormEps();
      Tensor normed = x.mul(x.pow(2).mean(-1, true).add(eps).rsqrt()).mul(norm);
      assertThat(router).isNotNull();
      double[] expected =
          router == null ? new double[0] : router.routing(normed).mean(0, false).toDoubles();
      RouterStats.Router first = stats.routers().get(1);
      assertThat(first.path()).isEqualTo(FIRST);
      assertThat(first.tokens()).isEqualTo(6);
      assertThat(Arrays.stream(first.weights()).flatMapToDouble(Arrays::stream).toArray())
          .containsExactly(expected, within(1e-5));
      assertThat(first.entropy()).isBetween(0.0, Math.log(3));
      assertThat(scope.size()).isPositive();
    }
  }

  @Test
  void anEvenRouterHasTheGreatestEntropy() throws IOException {
    try (Scope scope = Scope.open()) {
      var config =
          MixtureOfDyadicExpertsConfig.of(3, 2, 1, Targets.of("q_proj"))
              .withRouter(RouterConfig.defaults().withInit(0));
      try (RouterStats stats = new RouterStats(Adapters.add(base(), config, Key.of(1)))) {
        stats.add(PackedBatch.of(List.of(example(0, 1, 2, 3))));
        RouterStats.Router even = stats.routers().get(0);
        assertThat(even.entropy()).isCloseTo(Math.log(3), within(1e-6));
        assertThat(Arrays.stream(even.weights()).flatMapToDouble(Arrays::stream).toArray())
            .hasSize(6)
            .containsOnly(new double[] {1.0 / 3}, within(1e-6));
      }
      LanguageModel base = base();
      assertThatThrownBy(() -> new RouterStats(base)).hasMessageContaining("has a router");
      assertThat(scope.size()).isPositive();
    }
  }

  /** Packing tasks side by side changes nothing for any of them. */
  @Test
  void mixedBatchesAreTheirExamplesOneByOne() throws IOException {
    try (Scope scope = Scope.open();
        Scorer scorer = new Scorer(mixture(base()))) {
      TokenizedExample a = example(0, 3, 9, 27, 5, 12);
      TokenizedExample b = example(1, 1, 8, 30);
      double[] together = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(a, b)));
      double[] first = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(a)));
      double[] second = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(b)));
      assertThat(together).containsExactly(new double[] {first[0], second[0]}, within(1e-5));
      assertThat(scope.size()).isPositive();
    }
  }
}
