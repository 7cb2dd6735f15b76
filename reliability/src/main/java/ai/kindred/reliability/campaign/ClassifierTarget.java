package ai.kindred.reliability.campaign;

import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A network that sorts examples into classes: accuracy in percent on examples with known answers.
 *
 * @param <N> the network, any tree of tensors
 */
public final class ClassifierTarget<N> implements Target {

  private record Input<N>(N network, Tensor examples) {}

  private final N network;
  private final Map<String, Tensor> hit = new LinkedHashMap<>();
  private final List<Matrix> matrices = new ArrayList<>();
  private final Tensor examples;
  private final int[] labels;
  private final int batch;
  private final Kernel<Input<N>, Tensor> answers;

  /**
   * A target; network and examples must outlive it.
   *
   * @param network float weights
   * @param isHit which leaves faults may hit, by path; those of rank 2 and more, in the paper
   * @param steps int8 steps that training has kept to, by path; others come from the greatest
   *     weight
   * @param logits from network and examples [n, ..] to scores [n, classes]
   * @param examples [N, ..]
   * @param labels N classes
   * @param batch examples at once
   */
  public ClassifierTarget(
      N network,
      Predicate<String> isHit,
      Map<String, Double> steps,
      BiFunction<N, Tensor, Tensor> logits,
      Tensor examples,
      int[] labels,
      int batch) {
    this.network = network;
    this.examples = examples;
    this.labels = labels.clone();
    this.batch = batch;
    if (labels.length == 0 || examples.lengths()[0] != labels.length || batch < 1) {
      throw new IllegalArgumentException(
          labels.length
              + " labels for "
              + examples.lengths()[0]
              + " examples in batches of "
              + batch
              + "; give one label an example, and at least one");
    }
    Tree.leaves(network)
        .forEach(
            (path, t) -> {
              if (isHit.test(path)) {
                int size = 1;
                for (long n : t.lengths()) {
                  size = Math.multiplyExact(size, Math.toIntExact(n));
                }
                hit.put(path, t);
                matrices.add(new Matrix(path, size, size, steps.getOrDefault(path, 0.0)));
              }
            });
    if (hit.isEmpty()) {
      throw new IllegalArgumentException(
          "no weights to hit among " + Tree.leaves(network).keySet());
    }
    answers = Kernel.of(in -> logits.apply(in.network(), in.examples()).argmax(-1, false));
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public List<Matrix> matrices() {
    return List.copyOf(matrices);
  }

  @Override
  public float[] weights(String matrix) {
    Tensor t = hit.get(matrix);
    if (t == null) {
      throw new IllegalArgumentException("no matrix is called " + matrix);
    }
    return t.toFloats();
  }

  @Override
  @SuppressWarnings("try") // the scope works by being open
  public double evaluate(WeightSource weights) {
    try (Scope scope = Scope.open()) {
      N faulty =
          Tree.mapPaths(
              network,
              (path, t) ->
                  hit.containsKey(path)
                      ? Tensor.of(weights.weights(path), t.lengths()).to(t.dtype())
                      : t);
      int right = 0;
      for (int from = 0; from < labels.length; from += batch) {
        int start = from;
        int n = Math.min(batch, labels.length - from);
        long[] given =
            Scope.tidy(() -> answers.call(new Input<>(faulty, examples.narrow(0, start, n).copy())))
                .toLongs();
        for (int i = 0; i < n; i++) {
          right += given[i] == labels[from + i] ? 1 : 0;
        }
      }
      return 100.0 * right / labels.length;
    }
  }
}
