package ai.kindred.reliability.training;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Layer;

/**
 * A layer that computes with its weights rounded to int8 while their gradient passes to the floats
 * as if nothing had been rounded (straight through).
 *
 * @param base a convolution or product with float weights
 * @param step of int8
 * @param throttled whether values are kept within the in-place code's bounds
 */
record FakeWeights(Layer base, double step, boolean throttled) implements Layer {

  @Override
  public Tensor apply(Tensor x) {
    return with(base, straightThrough(weight(base), step, throttled)).apply(x);
  }

  static Tensor straightThrough(Tensor weight, double step, boolean throttled) {
    return weight.add(quantised(weight, step, throttled).sub(weight).detach());
  }

  /** Weights as whole multiples of their step. */
  static Tensor quantised(Tensor weight, double step, boolean throttled) {
    Tensor values = Throttle.rounded(weight, step);
    return (throttled ? Throttle.bounded(values) : values).mul(step);
  }

  private static Tensor weight(Layer layer) {
    if (layer instanceof Conv2d c) {
      return c.weight();
    }
    if (layer instanceof Dense d) {
      return d.weight();
    }
    throw new IllegalArgumentException(
        "convolutions and products have weights to round, not " + layer.getClass());
  }

  private static Layer with(Layer layer, Tensor weight) {
    if (layer instanceof Conv2d c) {
      return new Conv2d(weight, c.bias(), c.stride(), c.padding(), c.groups());
    }
    return new Dense(weight, ((Dense) layer).bias());
  }
}
