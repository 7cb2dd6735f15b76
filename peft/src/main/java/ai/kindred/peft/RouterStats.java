package ai.kindred.peft;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What the routers of an adapted model do, by task: mean weights and mean entropy over all tokens
 * of the batches added. Equal weights for every task mean that routing has not been learnt; an
 * entropy of zero, that one expert has taken over.
 */
public final class RouterStats implements AutoCloseable {

  /**
   * One router on one task.
   *
   * @param path of the adapter in the model
   * @param task which task
   * @param weights [slots][experts], mean weight of each expert; a slot's sum to one
   * @param entropy mean over tokens and slots, in nats: between 0 and log(experts)
   * @param tokens number of tokens
   */
  @SuppressWarnings("ArrayRecordComponent") // a row of a heat map; nobody compares them
  public record Router(String path, int task, double[][] weights, double entropy, long tokens) {}

  /** Sums over the tokens of each example: weights [B, slots, experts] and entropy [B]. */
  private record Sums(Tensor weights, Tensor entropy) {}

  private static final class Total {
    private final double[][] weights;
    private double entropy;
    private long tokens;

    Total(int slots, int experts) {
      weights = new double[slots][experts];
    }

    Router mean(String path, int task) {
      double[][] mean = new double[weights.length][];
      for (int k = 0; k < mean.length; k++) {
        mean[k] = weights[k].clone();
        for (int i = 0; i < mean[k].length; i++) {
          mean[k][i] /= tokens;
        }
      }
      return new Router(path, task, mean, entropy / tokens, tokens);
    }
  }

  private final Kernel<TokenBatch, Map<String, Sums>> kernel;
  private final Map<String, Map<Integer, Total>> totals = new LinkedHashMap<>();

  /**
   * Statistics of a model, which must stay open as long as this.
   *
   * @throws IllegalArgumentException if no adapter of the model has a router
   */
  public RouterStats(LanguageModel model) {
    if (Tree.parts(model, Routed.class).isEmpty()) {
      throw new IllegalArgumentException("no adapter of this model has a router");
    }
    kernel = Kernel.of(batch -> sums(model, batch));
  }

  private static Map<String, Sums> sums(LanguageModel model, TokenBatch batch) {
    Map<String, Sums> sums = new LinkedHashMap<>();
    LanguageModel watched =
        Tree.rewrite(
            model,
            Linear.class,
            (path, linear) ->
                linear instanceof Routed routed
                    ? new Watched(routed, (router, weights) -> sums.put(path, sums(weights, batch)))
                    : linear);
    watched.base().hidden(batch.ids(), model.pass(batch, false, false, null));
    return sums;
  }

  private static Sums sums(Tensor weights, TokenBatch batch) {
    Tensor g = weights.to(DType.FLOAT32); // [T, slots, experts]
    Dim examples = batch.starts().size(0).minus(1);
    Tensor zeros = Tensor.full(0, DType.FLOAT32, examples, g.size(1), g.size(2));
    Tensor entropy = g.mul(g.clamp(1e-30, null).log()).sum(-1, false).mean(-1, false).neg();
    return new Sums(
        zeros.indexAdd(0, batch.example(), g),
        Tensor.full(0, DType.FLOAT32, examples).indexAdd(0, batch.example(), entropy));
  }

  /** A routed product that shows its weights to a watcher on the way. */
  private record Watched(Routed routed, BiConsumer<Linear, Tensor> watcher) implements Linear {

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      watcher.accept(routed, routed.routing(x));
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

  /** Adds what the routers do on a batch. */
  public void add(PackedBatch batch) {
    Map<String, Sums> sums = Scope.tidy(() -> kernel.call(TokenBatch.of(batch)));
    sums.forEach((path, s) -> add(path, s, batch));
    Tree.leaves(sums).values().forEach(Tensor::close);
  }

  private void add(String path, Sums sums, PackedBatch batch) {
    int slots = Math.toIntExact(sums.weights().size(1).value());
    int experts = Math.toIntExact(sums.weights().size(2).value());
    double[] weights = sums.weights().toDoubles();
    double[] entropy = sums.entropy().toDoubles();
    Map<Integer, Total> byTask = totals.computeIfAbsent(path, p -> new TreeMap<>());
    for (int b = 0; b < batch.examples(); b++) {
      Total total =
          byTask.computeIfAbsent(batch.taskOfExample()[b], task -> new Total(slots, experts));
      for (int k = 0; k < slots; k++) {
        for (int i = 0; i < experts; i++) {
          total.weights[k][i] += weights[(b * slots + k) * experts + i];
        }
      }
      total.entropy += entropy[b];
      total.tokens += batch.starts()[b + 1] - batch.starts()[b];
    }
  }

  /** What was seen so far: router after router in the model's order, each task by task. */
  public List<Router> routers() {
    List<Router> routers = new ArrayList<>();
    totals.forEach(
        (path, byTask) -> byTask.forEach((task, total) -> routers.add(total.mean(path, task))));
    return routers;
  }

  @Override
  public void close() {
    kernel.close();
  }
}
