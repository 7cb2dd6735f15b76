package ai.kindred.federated.server;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Moves the server's model by the clients' mean change, which stands for a negative gradient.
 *
 * @see <a href="https://arxiv.org/abs/2003.00295">Reddi et al., Adaptive federated optimization</a>
 */
public interface ServerOptimizer {

  /**
   * A model with what its optimiser remembers.
   *
   * @param x the model
   * @param slots the optimiser's vectors, each like the model, in float64
   * @param steps taken so far, one int64 number
   */
  record State(Params x, List<Params> slots, Tensor steps) {}

  /** Number of vectors that the optimiser remembers. */
  int slots();

  /**
   * One step, worked out in place on vectors that are this call's own.
   *
   * @param change the clients' mean change; may be written over
   * @param slots what is remembered; written over
   * @param step from 1
   * @return what is added to the model
   */
  INDArray move(INDArray change, List<INDArray> slots, long step);

  /** The state of a model before the first step: nothing remembered. */
  default State start(Params x) {
    List<Params> zeros = new ArrayList<>();
    for (int i = 0; i < slots(); i++) {
      zeros.add(x.map(t -> Tensor.zeros(DType.FLOAT64, t.lengths())));
    }
    return new State(x, zeros, Tensor.of(new long[] {0}));
  }

  /**
   * The state after a step.
   *
   * @param change the clients' mean change, with the model's names and shapes
   */
  default State step(State state, Params change) {
    long step = state.steps().toLongs()[0] + 1;
    List<INDArray> slots = new ArrayList<>();
    state.slots().forEach(s -> slots.add(FlatVector.of(s)));
    INDArray moved = FlatVector.of(state.x());
    moved.addi(move(FlatVector.of(change), slots, step));
    List<Params> kept = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      kept.add(FlatVector.like(state.slots().get(i), slots.get(i)));
    }
    return new State(FlatVector.like(state.x(), moved), kept, Tensor.of(new long[] {step}));
  }

  /** {@code x + rate change}; at rate 1 the clients' mean itself. */
  static ServerOptimizer sgd(double rate) {
    return new Momentum(rate, 0);
  }

  /**
   * FedAvgM (Hsu et al., 2019): {@code v <- momentum v + change, x <- x + rate v}.
   *
   * @param rate 0 or more
   * @param momentum in [0, 1)
   */
  record Momentum(double rate, double momentum) implements ServerOptimizer {

    /** Checks the ranges. */
    public Momentum {
      requireRate(rate);
      requireShare("momentum", momentum);
    }

    @Override
    public int slots() {
      return momentum == 0 ? 0 : 1;
    }

    @Override
    public INDArray move(INDArray change, List<INDArray> slots, long step) {
      if (momentum == 0) {
        return change.muli(rate);
      }
      INDArray v = slots.get(0);
      v.muli(momentum).addi(change);
      return change.assign(v).muli(rate);
    }

    @Override
    public State step(State state, Params change) {
      if (momentum > 0) {
        return ServerOptimizer.super.step(state, change);
      }
      long step = state.steps().toLongs()[0] + 1;
      Params x = rate == 1 ? state.x().add(change) : state.x().add(change, rate);
      return new State(x, List.of(), Tensor.of(new long[] {step}));
    }
  }

  /**
   * FedAdam: {@code m <- beta1 m + (1 - beta1) change, v <- beta2 v + (1 - beta2) change^2, x <- x
   * + rate m / (sqrt(v) + tau)}.
   *
   * @param corrected whether the step is scaled by {@code sqrt(1 - beta2^t) / (1 - beta1^t)} with t
   *     2 in the first round, as Flower does (1.41) and the paper's Algorithm 2 does not
   */
  record Adam(double rate, double beta1, double beta2, double tau, boolean corrected)
      implements ServerOptimizer {

    /** Checks the ranges. */
    public Adam {
      requireRate(rate);
      requireShare("beta1", beta1);
      requireShare("beta2", beta2);
      requireTau(tau);
    }

    /** With the correction, beta1 0.9, beta2 0.99, tau 1e-3. */
    public Adam(double rate) {
      this(rate, 0.9, 0.99, 1e-3, true);
    }

    @Override
    public int slots() {
      return 2;
    }

    @Override
    public INDArray move(INDArray change, List<INDArray> slots, long step) {
      INDArray m = average(slots.get(0), change, beta1);
      INDArray v = average(slots.get(1), change.muli(change), beta2);
      double scale = corrected ? correction(step + 1.0) : 1;
      return scaled(m, v, tau).muli(rate * scale);
    }

    private double correction(double t) {
      return Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
    }
  }

  /**
   * FedYogi: as {@link Adam} with {@code v <- v - (1 - beta2) change^2 sign(v - change^2)}, never
   * corrected.
   */
  record Yogi(double rate, double beta1, double beta2, double tau) implements ServerOptimizer {

    /** Checks the ranges. */
    public Yogi {
      requireRate(rate);
      requireShare("beta1", beta1);
      requireShare("beta2", beta2);
      requireTau(tau);
    }

    @Override
    public int slots() {
      return 2;
    }

    @Override
    public INDArray move(INDArray change, List<INDArray> slots, long step) {
      INDArray m = average(slots.get(0), change, beta1);
      INDArray v = slots.get(1);
      INDArray squares = change.muli(change);
      INDArray sign = Transforms.sign(v.sub(squares), false);
      v.subi(squares.muli(sign).muli(1 - beta2));
      return scaled(m, v, tau).muli(rate);
    }
  }

  /** FedAdagrad: {@code v <- v + change^2, x <- x + rate change / (sqrt(v) + tau)}. */
  record Adagrad(double rate, double tau) implements ServerOptimizer {

    /** Checks the ranges. */
    public Adagrad {
      requireRate(rate);
      requireTau(tau);
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public INDArray move(INDArray change, List<INDArray> slots, long step) {
      INDArray v = slots.get(0);
      v.addi(change.mul(change));
      return scaled(change, v, tau).muli(rate);
    }
  }

  private static INDArray average(INDArray slot, INDArray fresh, double beta) {
    return slot.muli(beta).addi(fresh.mul(1 - beta));
  }

  /** {@code m / (sqrt(v) + tau)} in memory of its own. */
  private static INDArray scaled(INDArray m, INDArray v, double tau) {
    INDArray root = Transforms.sqrt(v, true).addi(tau);
    return m.div(root);
  }

  private static void requireRate(double rate) {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a server's rate is finite and at least 0, not " + rate);
    }
  }

  private static void requireShare(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(name + " is at least 0 and below 1, not " + share);
    }
  }

  private static void requireTau(double tau) {
    if (!(tau > 0)) {
      throw new IllegalArgumentException("tau is positive, not " + tau);
    }
  }
}
