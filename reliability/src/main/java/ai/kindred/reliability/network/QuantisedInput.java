package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Layer;

/**
 * A layer that is given int8: its input is rounded to whole multiples of {@code range / 127}. The
 * gradient passes as if nothing had been rounded.
 *
 * @param base the layer
 * @param range greatest absolute input; what is larger is clamped
 */
public record QuantisedInput(Layer base, double range) implements Layer {

  private static final double LARGEST = 127;

  /** Checks the range. */
  public QuantisedInput {
    if (!(range > 0 && range < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a range of " + range + "; ranges are above 0");
    }
  }

  @Override
  public Tensor apply(Tensor x) {
    double step = range / LARGEST;
    Tensor rounded = x.div(step).round().clamp(-LARGEST, LARGEST).mul(step);
    return base.apply(x.add(rounded.sub(x).detach()));
  }
}
