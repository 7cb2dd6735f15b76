package ai.kindred.core.train;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2), as {@code
 * torch.optim.AdamW} computes it:
 *
 * <pre>
 * m = b1 m + (1 - b1) g        v = b2 v + (1 - b2) g^2
 * p = p (1 - lr decay) - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
 * </pre>
 *
 * <p>All parameters decay, as in PyTorch without parameter groups.
 *
 * @param beta1 memory of the mean gradient
 * @param beta2 memory of the mean squared gradient
 * @param epsilon added to the denominator
 * @param weightDecay share of a weight that a step at learning rate 1 would take away
 */
public record AdamW(
    @Doc("memory of the mean gradient") @Range(min = 0, below = 1) double beta1,
    @Doc("memory of the mean squared gradient") @Range(min = 0, below = 1) double beta2,
    @Doc("added to the denominator") @Range(above = 0) double epsilon,
    @Doc("decoupled weight decay") @Range(min = 0) double weightDecay)
    implements Optimizer {

  private static final String MEAN = "exp_avg";
  private static final String MEAN_SQUARE = "exp_avg_sq";

  /** 0.9, 0.999, 1e-8, no decay: what low-rank adapters are usually trained with. */
  public static AdamW defaults() {
    return new AdamW(0.9, 0.999, 1e-8, 0);
  }

  /** This optimiser with another decay. */
  public AdamW withWeightDecay(double decay) {
    return new AdamW(beta1, beta2, epsilon, decay);
  }

  @Override
  public State init(Params params) {
    Map<String, Params> moments = new LinkedHashMap<>();
    moments.put(MEAN, Moments.zeros(params));
    moments.put(MEAN_SQUARE, Moments.zeros(params));
    return new State(Moments.noSteps(), moments);
  }

  @Override
  public Update step(Params params, Params grads, State state, Tensor learningRate) {
    Tensor step = state.step().add(1);
    Tensor t = step.to(DType.FLOAT64);
    Tensor rate = learningRate.div(Tensor.full(beta1, DType.FLOAT64).pow(t).rsub(1));
    Tensor root = Tensor.full(beta2, DType.FLOAT64).pow(t).rsub(1).sqrt();
    Tensor left = learningRate.mul(weightDecay).rsub(1);

    Params mean =
        Moments.of(state, MEAN).zip(grads, (m, g) -> m.add(g.to(m.dtype()).sub(m).mul(1 - beta1)));
    Params meanSquare =
        Moments.of(state, MEAN_SQUARE)
            .zip(
                grads,
                (v, g) -> {
                  Tensor wide = g.to(v.dtype());
                  return v.mul(beta2).add(wide.mul(wide).mul(1 - beta2));
                });
    // Numbers without axes take the type of what they meet: nothing here becomes float64.
    Params direction = mean.zip(meanSquare, (m, v) -> m.div(v.sqrt().div(root).add(epsilon)));
    Params moved =
        params.zip(
            direction,
            (p, d) -> {
              Tensor wide = Moments.wide(p);
              Tensor decayed = weightDecay == 0 ? wide : wide.mul(left);
              return decayed.sub(d.mul(rate)).to(p.dtype());
            });

    Map<String, Params> moments = new LinkedHashMap<>();
    moments.put(MEAN, mean);
    moments.put(MEAN_SQUARE, meanSquare);
    return new Update(moved, new State(step, moments));
  }

  @Override
  public long stateBytes(Params params) {
    return Moments.STEP_BYTES + 2 * Moments.bytes(params);
  }
}
