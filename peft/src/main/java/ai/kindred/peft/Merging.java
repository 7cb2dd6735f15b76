package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import java.util.Optional;

/** Works what an adapter adds into the weight of its product. */
final class Merging {

  private Merging() {}

  /**
   * One product for {@code base} and a delta [out, in]: the sum is rounded once, to the base's own
   * type; 8-bit weights become bfloat16. Empty where the base is no plain product.
   */
  static Optional<Linear> add(Linear base, Tensor delta) {
    if (base instanceof Dense dense) {
      return Optional.of(new Dense(sum(dense.weight(), delta), dense.bias()));
    }
    if (base instanceof Int8 int8) {
      Tensor weight = sum(int8.dequantised(delta.dtype()), delta);
      return Optional.of(new Dense(weight.to(DType.BFLOAT16), int8.bias()));
    }
    return Optional.empty();
  }

  private static Tensor sum(Tensor weight, Tensor delta) {
    return weight.to(delta.dtype()).add(delta).to(weight.dtype());
  }
}
