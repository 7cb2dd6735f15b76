package ai.kindred.peft;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mixture made into LoRA, with what that costs: each router is replaced by its mean weights over
 * given text, so every token gets the same experts. For programs that know LoRA only; it merges and
 * saves as any LoRA does.
 *
 * @param model the model with LoRA in the mixtures' places; tensors owned by the scope that was
 *     innermost
 * @param config what {@link AdapterFolder#save} needs for it
 * @param errors by path: {@code sqrt(sum_t |d_t - d'_t|^2 / sum_t |d_t|^2)} over the text's tokens,
 *     d the mixture's delta and d' the LoRA's, both at the input that the mixture's model has
 * @param mixtureLoss mean negative log-likelihood of the text's targets under the mixture, in nats
 * @param averagedLoss the same under the LoRA
 */
public record AveragedLora(
    LanguageModel model,
    LoraConfig config,
    Map<String, Double> errors,
    double mixtureLoss,
    double averagedLoss) {

  /** Squared norms, of what the LoRA misses and of what the mixture adds. */
  private record Norms(Tensor missed, Tensor added) {}

  /**
   * Averages a model's mixtures over text: some for the means, some that they have not seen for the
   * errors.
   *
   * @param mixture a model whose adapters are all routed
   * @param config what they were made by
   * @param averagedOver text over which routers are averaged; every token counts
   * @param measuredOn text on which errors and losses are measured; may be the same
   * @throws IllegalArgumentException if an adapter is not routed, or there is no text
   */
  public static AveragedLora of(
      LanguageModel mixture,
      AdapterConfig config,
      List<PackedBatch> averagedOver,
      List<PackedBatch> measuredOn) {
    Tree.parts(mixture, Adapter.class)
        .forEach(
            (path, adapter) -> {
              if (!(adapter instanceof Routed)) {
                throw new IllegalArgumentException(
                    "the adapter at " + path + " has no router: there is nothing to average");
              }
            });
    if (averagedOver.isEmpty() || measuredOn.isEmpty()) {
      throw new IllegalArgumentException("averages and errors need text: at least a batch each");
    }
    LanguageModel model = averaged(mixture, meanWeights(mixture, averagedOver));
    Lora any = Tree.parts(model, Lora.class).values().iterator().next();
    int rank = Math.toIntExact(any.loraA().size(0).value());
    return new AveragedLora(
        model,
        LoraConfig.of(rank, any.scale() * rank, config.targets()),
        errors(mixture, model, measuredOn),
        loss(mixture, measuredOn),
        loss(model, measuredOn));
  }

  /** Mean weights of each router, [slots][experts]. */
  private static Map<String, double[][]> meanWeights(
      LanguageModel mixture, List<PackedBatch> text) {
    try (RouterStats stats = new RouterStats(mixture)) {
      text.forEach(stats::add);
      Map<String, double[][]> sums = new LinkedHashMap<>();
      Map<String, Long> tokens = new LinkedHashMap<>();
      for (RouterStats.Router router : stats.routers()) {
        tokens.merge(router.path(), router.tokens(), Long::sum);
        double[][] sum =
            sums.computeIfAbsent(
                router.path(),
                path -> new double[router.weights().length][router.weights()[0].length]);
        for (int k = 0; k < sum.length; k++) {
          for (int i = 0; i < sum[k].length; i++) {
            sum[k][i] += router.weights()[k][i] * router.tokens();
          }
        }
      }
      sums.forEach(
          (path, sum) -> {
            for (double[] slot : sum) {
              for (int i = 0; i < slot.length; i++) {
                slot[i] /= tokens.getOrDefault(path, 1L);
              }
            }
          });
      return sums;
    }
  }

  private static LanguageModel averaged(LanguageModel mixture, Map<String, double[][]> means) {
    return Tree.rewrite(
        mixture,
        Linear.class,
        (path, linear) -> {
          double[][] mean = means.get(path);
          if (!(linear instanceof Routed routed) || mean == null) {
            return linear;
          }
          double[] flat = Arrays.stream(mean).flatMapToDouble(Arrays::stream).toArray();
          return Scope.tidy(
              () -> {
                Lora lora = routed.averaged(Tensor.of(flat, mean.length, mean[0].length));
                return Lora.of(
                    lora.base(),
                    lora.loraA().copy(),
                    lora.loraB().contiguous().copy(),
                    lora.scale());
              });
        });
  }

  private static Map<String, Double> errors(
      LanguageModel mixture, LanguageModel model, List<PackedBatch> text) {
    Map<String, Lora> loras = Tree.parts(model, Lora.class);
    Map<String, double[]> sums = new LinkedHashMap<>();
    try (Kernel<TokenBatch, Map<String, Norms>> kernel =
        Kernel.of(batch -> norms(mixture, loras, batch))) {
      for (PackedBatch batch : text) {
        Map<String, double[]> some =
            Scope.tidy(
                () -> {
                  Map<String, double[]> read = new LinkedHashMap<>();
                  kernel
                      .call(TokenBatch.of(batch))
                      .forEach(
                          (path, n) ->
                              read.put(path, new double[] {n.missed().item(), n.added().item()}));
                  return read;
                });
        some.forEach(
            (path, n) -> {
              double[] sum = sums.computeIfAbsent(path, p -> new double[2]);
              sum[0] += n[0];
              sum[1] += n[1];
            });
      }
    }
    Map<String, Double> errors = new LinkedHashMap<>();
    sums.forEach((path, n) -> errors.put(path, n[1] == 0 ? 0 : Math.sqrt(n[0] / n[1])));
    return errors;
  }

  private static Map<String, Norms> norms(
      LanguageModel mixture, Map<String, Lora> loras, TokenBatch batch) {
    Map<String, Norms> norms = new LinkedHashMap<>();
    LanguageModel watched =
        Tree.rewrite(
            mixture,
            Linear.class,
            (path, linear) -> {
              Lora lora = loras.get(path);
              return linear instanceof Routed routed && lora != null
                  ? new Compared(path, routed, lora, norms)
                  : linear;
            });
    watched.base().hidden(batch.ids(), mixture.pass(batch, false, false, null));
    return norms;
  }

  /** A routed product that measures on the way what a LoRA would miss. */
  private record Compared(String path, Routed routed, Lora lora, Map<String, Norms> norms)
      implements Linear {

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      Tensor wide = x.to(DType.FLOAT32);
      Tensor added = routed.delta(wide, pass);
      Tensor missed = added.sub(lora.delta(wide, pass));
      norms.put(path, new Norms(missed.mul(missed).sum(), added.mul(added).sum()));
      return routed.apply(x, pass);
    }

    @Override
    public long in() {
      return routed.in();
    }

    @Override
    public long out() {
      return routed.out();
    }
  }

  private static double loss(LanguageModel model, List<PackedBatch> text) {
    double sum = 0;
    long targets = 0;
    try (Scorer scorer = new Scorer(model)) {
      for (PackedBatch batch : text) {
        double[] nll = scorer.negativeLogLikelihoods(batch);
        sum += Arrays.stream(nll).sum();
        targets += nll.length;
      }
    }
    return sum / targets;
  }
}
