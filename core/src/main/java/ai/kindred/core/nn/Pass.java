package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a layer may need to know of a call besides its input.
 *
 * @param positions [T] int64, each token's place in its example
 * @param example [T] int64, which example each token belongs to
 * @param mixing how tokens see each other
 * @param angles rotary angles of this pass, one for each kind of layer
 * @param training whether gradients will be taken and dropout applies
 * @param recompute whether blocks drop their inner results and compute them again for the gradient
 * @param key a one-element int64 tensor that random choices of this pass come from, or null where
 *     there are none
 */
public record Pass(
    Tensor positions,
    Tensor example,
    Mixing mixing,
    List<Rotary.Angles> angles,
    boolean training,
    boolean recompute,
    @Nullable Tensor key) {

  /** This pass with another way of mixing. */
  public Pass withMixing(Mixing other) {
    return new Pass(positions, example, other, angles, training, recompute, key);
  }

  /** This pass with rotary angles. */
  public Pass withAngles(List<Rotary.Angles> computed) {
    return new Pass(positions, example, mixing, computed, training, recompute, key);
  }
}
