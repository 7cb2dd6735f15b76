package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One training step as a kernel: loss, gradients, clipping and the optimiser's update in one native
 * call, state in and state out. With several batches the gradients are added up first, one call a
 * batch, each weighed by its share of the targets, so that the sum is the gradient of the mean over
 * all targets.
 *
 * @param <B> a batch's tree of tensors
 */
public final class TrainingStep<B> implements AutoCloseable {

  /** What a step changes: the trained parameters and the optimiser's state. */
  public record State(Params params, Optimizer.State optimizer) {}

  /**
   * A step's outcome.
   *
   * @param state after the step
   * @param loss mean loss before the step
   * @param gradientNorm Euclidean norm of the gradient before clipping
   */
  public record Result(State state, double loss, double gradientNorm) {

    /** Whether loss and gradient are numbers; the state is of no use otherwise. */
    public boolean isFinite() {
      return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
  }

  private record Whole<T>(State state, T batch, Tensor key, Tensor rate) {}

  private record Part<T>(Params params, Gradient sum, T batch, Tensor key, Tensor weight) {}

  private record Gradient(Tensor loss, Params grads) {}

  private record Applied(State state, Gradient gradient, Tensor rate) {}

  private record Outcome(State state, Tensor loss, Tensor norm) {}

  private final Objective<B> objective;
  private final Optimizer optimizer;
  private final double clipNorm;
  private final UnaryOperator<Params> projection;
  private final Kernel<Whole<B>, Outcome> whole = Kernel.of(this::whole);
  private final Kernel<Part<B>, Gradient> accumulate = Kernel.of(this::accumulate);
  private final Kernel<Applied, Outcome> apply =
      Kernel.of(in -> update(in.state(), in.gradient(), in.rate()));

  /**
   * A step.
   *
   * @param clipNorm largest norm of the gradient, 0 for any
   */
  public TrainingStep(Objective<B> objective, Optimizer optimizer, double clipNorm) {
    this(objective, optimizer, clipNorm, UnaryOperator.identity());
  }

  /**
   * A step after which parameters are put where they may be.
   *
   * @param clipNorm largest norm of the gradient, 0 for any
   * @param projection tensor operations on what the optimiser gives
   */
  public TrainingStep(
      Objective<B> objective,
      Optimizer optimizer,
      double clipNorm,
      UnaryOperator<Params> projection) {
    this.objective = objective;
    this.optimizer = optimizer;
    this.clipNorm = clipNorm;
    this.projection = projection;
  }

  /** The state before the first step: these parameters, not copied. */
  public State start(Params params) {
    if (params.asMap().isEmpty()) {
      throw new IllegalArgumentException("there are no parameters to train");
    }
    return new State(params, optimizer.init(params));
  }

  /**
   * Takes a step. The given state stays as it is; the new one belongs to the thread's innermost
   * {@link Scope}.
   *
   * @param batches one, or several to add up
   * @param rate learning rate
   * @param key the step's randomness; each batch gets a key of its own under it
   */
  public Result run(State state, List<Batch<B>> batches, double rate, Key key) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("a step needs at least one batch");
    }
    Tensor learningRate = Tensor.scalar(rate, DType.FLOAT64);
    Outcome outcome =
        batches.size() == 1
            ? whole.call(
                new Whole<>(state, batches.get(0).tensors(), Tensor.of(key.fold(0)), learningRate))
            : apply.call(new Applied(state, sum(state.params(), batches, key), learningRate));
    return new Result(outcome.state(), outcome.loss().item(), outcome.norm().item());
  }

  private Gradient sum(Params params, List<Batch<B>> batches, Key keyOfStep) {
    double targets = batches.stream().mapToDouble(Batch::targets).sum();
    Gradient sum = new Gradient(Tensor.scalar(0, DType.FLOAT64), Moments.zeros(params));
    for (int i = 0; i < batches.size(); i++) {
      Batch<B> batch = batches.get(i);
      Gradient before = sum;
      Key key = keyOfStep.fold(i);
      sum =
          Scope.tidy(
              () ->
                  accumulate.call(
                      new Part<>(
                          params,
                          before,
                          batch.tensors(),
                          Tensor.of(key),
                          Tensor.scalar(batch.targets() / targets, DType.FLOAT64))));
      Tree.leaves(before).values().forEach(Tensor::close);
    }
    return sum;
  }

  private Outcome whole(Whole<B> in) {
    return update(in.state(), gradient(in.state().params(), in.batch(), in.key()), in.rate());
  }

  private Gradient accumulate(Part<B> in) {
    Gradient g = gradient(in.params(), in.batch(), in.key());
    return new Gradient(
        in.sum().loss().add(g.loss().mul(in.weight())),
        in.sum()
            .grads()
            .zip(
                g.grads(),
                (sum, x) -> sum.add(x.to(sum.dtype()).mul(in.weight().to(sum.dtype())))));
  }

  private Gradient gradient(Params params, B batch, Tensor key) {
    Grad<Params> g = Grad.of(p -> checked(objective.loss(p, batch, key)), params);
    return new Gradient(g.value().to(DType.FLOAT64), g.grads());
  }

  /** An objective's loss, if it is one number. */
  static Tensor checked(Tensor loss) {
    boolean wide = loss.dtype() == DType.FLOAT32 || loss.dtype() == DType.FLOAT64;
    if (loss.rank() != 0 || !wide) {
      throw new IllegalArgumentException(
          "an objective gives a float32 number without axes, such as losses.mean(); this one gave "
              + loss.dtype()
              + " "
              + loss.shape());
    }
    return loss;
  }

  private Outcome update(State state, Gradient gradient, Tensor rate) {
    Tensor norm = gradient.grads().norm();
    Params clipped = clipNorm == 0 ? gradient.grads() : clip(gradient.grads(), norm);
    Optimizer.Update next = optimizer.step(state.params(), clipped, state.optimizer(), rate);
    Params kept = projection.apply(next.params());
    return new Outcome(new State(kept, next.state()), gradient.loss(), norm);
  }

  /** Scaled down to the largest norm, as {@code torch.nn.utils.clip_grad_norm_} does it. */
  private Params clip(Params grads, Tensor norm) {
    return grads.mul(norm.add(1e-6).reciprocal().mul(clipNorm).clamp(null, 1.0));
  }

  /** Frees what the kernels own. */
  @Override
  public void close() {
    whole.close();
    accumulate.close();
    apply.close();
  }
}
