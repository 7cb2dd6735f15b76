package ai.kindred.federated.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.train.Objective;
import ai.kindred.federated.ClientData;
import ai.kindred.federated.Minibatch;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Cross-entropy of a classifier over labelled examples, and how often it is right.
 *
 * @param network the template: its own parameters do not count
 * @param scale inputs are multiplied by this, 1/255 for bytes of images
 */
public record Classification<N extends Classifier>(N network, double scale) {

  private Tensor logits(Params params, Tensor inputs) {
    Tensor x = inputs.to(DType.FLOAT32);
    return Tree.with(network, params).logits(scale == 1 ? x : x.mul(scale));
  }

  /** The mean cross-entropy of a client's batch. */
  public Objective<Minibatch<Labelled>> objective() {
    return (params, batch, key) ->
        batch.mean(
            crossEntropies(logits(params, batch.examples().inputs()), batch.examples().labels()));
  }

  private static Tensor crossEntropies(Tensor logits, Tensor labels) {
    return logits.logSoftmax(-1).gather(1, labels.unsqueeze(1)).squeeze(1).neg();
  }

  /**
   * Which examples are classified rightly, 1 or 0 each, in chunks that fit in memory.
   *
   * @param rows of the pool
   */
  public double[] right(Params params, Labelled pool, int[] rows) {
    record Asked(Params params, Labelled pool, Tensor rows) {}
    try (Kernel<Asked, Tensor> kernel =
        Kernel.of(
            a -> {
              Tensor scores = logits(a.params(), a.pool().inputs().indexSelect(0, a.rows()));
              Tensor labels = a.pool().labels().indexSelect(0, a.rows());
              return scores.argmax(-1, false).eq(labels).to(DType.FLOAT32);
            })) {
      double[] right = new double[rows.length];
      int chunk = 500;
      for (int from = 0; from < rows.length; from += chunk) {
        int[] some = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + chunk));
        Tensor part =
            Scope.tidy(() -> kernel.call(new Asked(params, pool, Tensor.of(some, some.length))));
        System.arraycopy(part.toDoubles(), 0, right, from, some.length);
        part.close();
      }
      return right;
    }
  }

  /** The share of examples that is classified rightly. */
  public double accuracy(Params params, Labelled pool) {
    int n = Math.toIntExact(pool.labels().lengths()[0]);
    return Arrays.stream(right(params, pool, IntStream.range(0, n).toArray()))
        .average()
        .orElse(Double.NaN);
  }

  /** Each client's share of examples that is classified rightly; NaN for clients without any. */
  public double[] accuracies(Params params, ClientData<Labelled> data, int[] clients) {
    Partition partition = data.partition();
    int[] rows =
        Arrays.stream(clients)
            .flatMap(c -> IntStream.range(0, partition.size(c)).map(i -> partition.row(c, i)))
            .toArray();
    double[] right = right(params, data.pool(), rows);
    double[] shares = new double[clients.length];
    int at = 0;
    for (int c = 0; c < clients.length; c++) {
      int n = partition.size(clients[c]);
      shares[c] = Arrays.stream(right, at, at + n).average().orElse(Double.NaN);
      at += n;
    }
    return shares;
  }
}
