package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/**
 * {@code down(activation(up(x)))}.
 *
 * @param up from the input to the inner width
 * @param down from the inner width to the output
 * @param activation between the two
 */
public record Mlp(Linear up, Linear down, Activation activation) {

  /** From x [T, in] to [T, out]. */
  public Tensor apply(Tensor x, Pass pass) {
    return down.apply(activation.apply(up.apply(x, pass)), pass);
  }
}
