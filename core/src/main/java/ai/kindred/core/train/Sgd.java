package ai.kindred.core.train;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.Map;

/**
 * Stochastic gradient descent with heavy-ball momentum (Polyak, 1964), as {@code torch.optim.SGD}
 * computes it:
 *
 * <pre>
 * b = momentum b + (g + decay p)        p = p - lr b
 * </pre>
 *
 * @param momentum share of the last direction that is kept; 0 keeps none and needs no memory
 * @param weightDecay strength of the L2 penalty, whose gradient is added to the loss's
 */
public record Sgd(
    @Doc("share of the last direction that is kept") @Range(min = 0, below = 1) double momentum,
    @Doc("strength of the L2 penalty") @Range(min = 0) double weightDecay)
    implements Optimizer {

  private static final String MOMENTUM = "momentum";

  /** Plain descent. */
  public static Sgd defaults() {
    return new Sgd(0, 0);
  }

  @Override
  public State init(Params params) {
    return new State(
        Moments.noSteps(), momentum == 0 ? Map.of() : Map.of(MOMENTUM, Moments.zeros(params)));
  }

  @Override
  public Update step(Params params, Params grads, State state, Tensor learningRate) {
    Params gradient =
        params.zip(
            grads,
            (p, g) -> {
              Tensor wide = g.to(Moments.dtype(p));
              return weightDecay == 0 ? wide : wide.add(Moments.wide(p).mul(weightDecay));
            });
    Params direction =
        momentum == 0
            ? gradient
            : Moments.of(state, MOMENTUM).zip(gradient, (b, g) -> b.mul(momentum).add(g));
    Params moved =
        params.zip(direction, (p, b) -> Moments.wide(p).sub(b.mul(learningRate)).to(p.dtype()));
    return new Update(
        moved,
        new State(state.step().add(1), momentum == 0 ? Map.of() : Map.of(MOMENTUM, direction)));
  }

  @Override
  public long stateBytes(Params params) {
    return Moments.STEP_BYTES + (momentum == 0 ? 0 : Moments.bytes(params));
  }
}
