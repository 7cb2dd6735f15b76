package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import java.util.Optional;

/**
 * What fine-tuning adds to a product that stays as it is: {@code y = base(x) + delta(x)}. A record
 * with a component called {@code base}; its other tensors are what is trained, saved and loaded:
 *
 * <pre>{@code
 * record Lora(Linear base, Tensor loraA, Tensor loraB, double scale) implements Adapter {
 *   public Tensor delta(Tensor x, Pass pass) {
 *     return x.linear(loraA).linear(loraB).mul(scale);
 *   }
 * }
 * }</pre>
 */
public interface Adapter extends Linear {

  /** The product that is adapted. */
  Linear base();

  /** What is added, [T, out]. */
  Tensor delta(Tensor x, Pass pass);

  /** One product equal to this one, where there is one that does not depend on x. */
  default Optional<Linear> merged() {
    return Optional.empty();
  }

  /**
   * Base and delta; not for adapters to change, since products of one input take the two apart
   * where their bases are joined.
   */
  @Override
  default Tensor apply(Tensor x, Pass pass) {
    return base().apply(x, pass).add(delta(x, pass));
  }

  @Override
  default long in() {
    return base().in();
  }

  @Override
  default long out() {
    return base().out();
  }
}
