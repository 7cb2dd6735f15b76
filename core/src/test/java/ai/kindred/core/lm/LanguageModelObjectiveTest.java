package ai.kindred.core.lm;

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
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Estimate;
import ai.kindred.core.train.TrainingStep;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanguageModelObjectiveTest {

  private static final ModelConfig CONFIG =
      new ModelConfig(
          Family.LLAMA,
          13,
          8,
          12,
          Activation.SILU,
          false,
          1e-5,
          64,
          new ModelConfig.Attention(4, 2, 4, 4, false, false, null, null),
          List.of(LayerType.FULL, LayerType.FULL),
          Map.of(LayerType.FULL, Rope.of(10_000)),
          true,
          null,
          0,
          List.of(0),
          DType.FLOAT32);
  private static final PackedBatch PACKED =
      PackedBatch.of(
          List.of(
              new TokenizedExample(new int[] {1, 5, 2, 9}, new int[] {3, 7, 0}, 0),
              new TokenizedExample(new int[] {4}, new int[] {12, 11, 4, 10, 0}, 0),
              new TokenizedExample(new int[] {6, 8}, new int[] {8}, 0)));

  private final Scope scope = Scope.open();
  // Weights of a size at which every part matters to the loss.
  private final LanguageModel model =
      Tree.mapPaths(
          LanguageModel.initialised(CONFIG, null, Key.of(3)),
          (path, t) -> path.contains("norm") ? t : t.mul(20));

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void lossIsTheMeanOfTheScorersLikelihoods() {
    double[] each;
    try (Scorer scorer = new Scorer(model)) {
      each = scorer.negativeLogLikelihoods(PACKED);
    }
    assertThat(each).hasSize(9);
    assertThat(loss(LanguageModelObjective.of(model), Tree.params(model)))
        .isCloseTo(DoubleStream.of(each).average().orElseThrow(), within(1e-6));
  }

  @Test
  void theWorkOfAStepIsEstimated() {
    Params all = Tree.params(model);
    Params some = Tree.params(model, path -> path.contains("layers.1.mlp"));
    LanguageModelObjective objective = LanguageModelObjective.of(model);
    Estimate whole = objective.estimate(all, AdamW.defaults(), PACKED);
    Estimate part = objective.estimate(some, AdamW.defaults(), PACKED);
    // Blocks: 8 x 16 twice, 8 x 8 twice, 8 x 12 three times; two norms of 8, a last one, the table.
    long bytes = 4 * (2 * (256 + 128 + 288 + 16) + 8 + 13 * 8);
    long mlp = 4 * 3 * 8 * 12;
    assertThat(whole.frozenBytes()).isZero();
    assertThat(whole.gradientBytes()).isEqualTo(bytes);
    assertThat(part.frozenBytes()).isEqualTo(bytes - mlp);
    // 13 positions, the longest example 6, 9 targets; forward, and backward once or twice as much.
    double forward = 13.0 * 2 * (2 * (256 + 128 + 288) + 4 * 16 * 6) + 2.0 * 9 * 8 * 13;
    assertThat(whole.flopsPerStep()).isEqualTo(3 * forward);
    assertThat(part.flopsPerStep()).isEqualTo(2 * forward);
    assertThat(objective.recomputing(true).estimate(some, AdamW.defaults(), PACKED))
        .returns(3 * forward, Estimate::flopsPerStep)
        .satisfies(e -> assertThat(e.activationBytes()).isLessThan(part.activationBytes()));
  }

  @Test
  void gradientsOfEveryLeafAgreeWithDifferences() {
    LanguageModel wide = Tree.map(model, t -> t.to(DType.FLOAT64));
    LanguageModelObjective objective = LanguageModelObjective.of(wide);
    Params params = Tree.params(wide);
    Params grads = gradient(objective, params).grads();
    Kernel<Params, Tensor> kernel = kernel(objective);

    params
        .asMap()
        .forEach(
            (path, t) -> {
              double[] direction = random(path, t.toDoubles().length);
              double step = 1e-5;
              double slope =
                  (kernel.call(moved(params, path, direction, step)).item()
                          - kernel.call(moved(params, path, direction, -step)).item())
                      / (2 * step);
              double[] g = grads.get(path).toDoubles();
              double product = 0;
              for (int i = 0; i < g.length; i++) {
                product += g[i] * direction[i];
              }
              assertThat(product).as(path).isCloseTo(slope, within(1e-7));
              assertThat(Arrays.stream(g).map(Math::abs).max().orElse(0)).as(path).isPositive();
            });
    kernel.close();
  }

  @Test
  void aFrozenTableGivesTheSameLossAndGradients() {
    Params some = Tree.params(model, path -> path.contains("layers.1"));
    Grad<Params> all = gradient(LanguageModelObjective.of(model), Tree.params(model));
    Grad<Params> part = gradient(LanguageModelObjective.of(model), some);

    assertThat(part.value().item()).isCloseTo(all.value().item(), within(1e-6));
    assertThat(part.grads().asMap()).hasSize(9);
    assertClose(part.grads(), all.grads(), 1e-6);
  }

  @Test
  void recomputedBlocksGiveTheSameGradients() {
    LanguageModelObjective objective = LanguageModelObjective.of(model);
    Params params = Tree.params(model);
    Grad<Params> kept = gradient(objective, params);
    Grad<Params> again = gradient(objective.recomputing(true), params);

    assertThat(again.value().item()).isEqualTo(kept.value().item());
    assertClose(again.grads(), kept.grads(), 1e-6);
  }

  @Test
  void bfloat16ProductsGiveFloat32GradientsThatAreClose() {
    Params params = Tree.params(model);
    Grad<Params> exact = gradient(LanguageModelObjective.of(model), params);
    Grad<Params> rounded =
        gradient(LanguageModelObjective.of(model).computingIn(DType.BFLOAT16), params);

    assertThat(rounded.value().item())
        .isCloseTo(exact.value().item(), within(0.02))
        .isNotEqualTo(exact.value().item());
    rounded
        .grads()
        .asMap()
        .forEach(
            (path, g) -> {
              assertThat(g.dtype()).isEqualTo(DType.FLOAT32);
              assertThat(cosine(g, exact.grads().get(path))).as(path).isGreaterThan(0.98);
            });
  }

  @Test
  void trainingLearnsABatchByHeart() {
    LanguageModel start = LanguageModel.initialised(CONFIG, null, Key.of(1));
    Batch<TokenBatch> batch = LanguageModelObjective.batch(PACKED);
    assertThat(batch.targets()).isEqualTo(9);
    assertThat(batch.tokens()).isEqualTo(13);
    assertThat(batch.examples()).isEqualTo(3);
    try (TrainingStep<TokenBatch> step =
        new TrainingStep<>(
            LanguageModelObjective.of(start).computingIn(DType.BFLOAT16), AdamW.defaults(), 1)) {
      TrainingStep.Result result =
          step.run(step.start(Tree.params(start)), List.of(batch), 0.02, Key.of(0));
      double first = result.loss();
      for (int i = 0; i < 60; i++) {
        result = step.run(result.state(), List.of(batch), 0.02, Key.of(i));
      }
      assertThat(first).isCloseTo(Math.log(13), within(0.1));
      assertThat(result.loss()).isLessThan(0.1);
    }
  }

  @Test
  void initialWeightsHaveTheirSpreadAndDependOnTheKeyAlone() {
    LanguageModel one = LanguageModel.initialised(CONFIG, null, Key.of(1));
    LanguageModel same = LanguageModel.initialised(CONFIG, null, Key.of(1));
    LanguageModel other = LanguageModel.initialised(CONFIG, null, Key.of(2));
    Params leaves = Tree.params(one);

    assertThat(leaves.get("model.norm.weight").toDoubles()).containsOnly(1);
    assertThat(spread(leaves.get("model.layers.0.mlp.up_proj.weight")))
        .isCloseTo(0.02, within(0.005));
    assertThat(spread(leaves.get("model.layers.0.mlp.down_proj.weight")))
        .isCloseTo(0.01, within(0.0025));
    leaves
        .asMap()
        .forEach(
            (path, t) ->
                assertThat(Tree.params(same).get(path).toDoubles()).containsExactly(t.toDoubles()));
    assertThat(Tree.params(other).get("model.embed_tokens.weight").toDoubles())
        .isNotEqualTo(leaves.get("model.embed_tokens.weight").toDoubles());
    assertThat(leaves.get("model.layers.0.self_attn.k_proj.weight").toDoubles())
        .isNotEqualTo(leaves.get("model.layers.0.self_attn.v_proj.weight").toDoubles());
  }

  private static Kernel<Params, Tensor> kernel(LanguageModelObjective objective) {
    return Kernel.of(
        p ->
            objective.loss(
                p, LanguageModelObjective.batch(PACKED).tensors(), Tensor.of(Key.of(0))));
  }

  private double loss(LanguageModelObjective objective, Params params) {
    try (Kernel<Params, Tensor> kernel = kernel(objective)) {
      return kernel.call(params).item();
    }
  }

  private static Grad<Params> gradient(LanguageModelObjective objective, Params params) {
    TokenBatch batch = TokenBatch.of(PACKED);
    Tensor key = Tensor.of(Key.of(0));
    try (Kernel<Params, Grad<Params>> kernel =
        Kernel.of(at -> Grad.of(p -> objective.loss(p, batch, key), at))) {
      return kernel.call(params);
    }
  }

  private static Params moved(Params params, String path, double[] direction, double step) {
    Tensor t = params.get(path);
    Tensor by = Tensor.of(direction, t.lengths()).mul(step);
    return params.map(p -> p == t ? t.add(by) : p);
  }

  private static double[] random(String path, int n) {
    var random = Key.of(5).fold(path).random();
    return DoubleStream.generate(random::nextGaussian).limit(n).toArray();
  }

  private static void assertClose(Params actual, Params expected, double tolerance) {
    actual
        .asMap()
        .forEach(
            (path, g) ->
                assertThat(g.toDoubles())
                    .as(path)
                    .containsExactly(expected.get(path).toDoubles(), within(tolerance)));
  }

  private static double cosine(Tensor a, Tensor b) {
    double[] x = a.toDoubles();
    double[] y = b.toDoubles();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += x[i] * y[i];
      xx += x[i] * x[i];
      yy += y[i] * y[i];
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static double spread(Tensor t) {
    double[] x = t.toDoubles();
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).average().orElseThrow());
  }
}
