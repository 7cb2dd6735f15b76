package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import java.util.List;

/**
 * {@code down(activation(gate(x)) * up(x))} (Shazeer, 2020, arXiv:2002.05202).
 *
 * @param gateProj from D to the inner width
 * @param upProj from D to the inner width
 * @param downProj from the inner width to D
 * @param activation of the gate
 */
public record GatedMlp(Linear gateProj, Linear upProj, Linear downProj, Activation activation) {

  /** From x [T, D] to [T, D]. */
  public Tensor apply(Tensor x, Pass pass) {
    List<Tensor> both = Part.products(x, pass, gateProj, upProj);
    return downProj.apply(activation.apply(both.get(0)).mul(both.get(1)), pass);
  }
}
