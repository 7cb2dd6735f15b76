package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.Iterator;
import java.util.function.ToDoubleFunction;

/**
 * The mean loss over held-out batches, weighed by their targets: a validation for {@link Training}.
 * Close it when training is done.
 *
 * @param <B> a batch's tree of tensors
 */
public final class MeanLoss<B> implements ToDoubleFunction<Params>, AutoCloseable {

  private record Input<T>(Params params, T batch, Tensor key) {}

  private record Term(double loss, long targets) {}

  private static final Key KEY = Key.of(0).fold("validation");

  private final Iterable<Batch<B>> batches;
  private final Kernel<Input<B>, Tensor> kernel;

  /**
   * A validation.
   *
   * @param objective without dropout; keys are the same at every call
   * @param batches tensors that its iterator makes are freed batch by batch
   */
  public MeanLoss(Objective<B> objective, Iterable<Batch<B>> batches) {
    this.batches = batches;
    this.kernel =
        Kernel.of(
            in ->
                TrainingStep.checked(objective.loss(in.params(), in.batch(), in.key()))
                    .to(DType.FLOAT64));
  }

  @Override
  public double applyAsDouble(Params params) {
    double sum = 0;
    double targets = 0;
    Iterator<Batch<B>> iterator = batches.iterator();
    for (long i = 0; iterator.hasNext(); i++) {
      Key key = KEY.fold(i);
      Term term = Scope.tidy(() -> term(params, iterator.next(), key));
      sum += term.targets() * term.loss();
      targets += term.targets();
    }
    if (targets == 0) {
      throw new IllegalStateException("there are no batches to validate on");
    }
    return sum / targets;
  }

  private Term term(Params params, Batch<B> batch, Key key) {
    Tensor loss = kernel.call(new Input<>(params, batch.tensors(), Tensor.of(key)));
    return new Term(loss.item(), batch.targets());
  }

  @Override
  public void close() {
    kernel.close();
  }
}
