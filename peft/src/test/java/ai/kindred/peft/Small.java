package ai.kindred.peft;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Small random tensors and passes. */
final class Small {

  /** A pass for products alone. */
  static final Pass PASS = pass(false, null);

  private Small() {}

  static Pass pass(boolean training, @Nullable Key key) {
    Tensor none = Tensor.of(new long[0]);
    Tensor drawn = key == null ? null : Tensor.of(key);
    return new Pass(none, none, (layer, q, k, v, s) -> q, List.of(), training, false, drawn);
  }

  /** A pass whose row t belongs to {@code example[t]}. */
  static Pass pass(Tensor example) {
    return new Pass(example, example, (layer, q, k, v, s) -> q, List.of(), false, false, null);
  }

  static Tensor random(String name, long... shape) {
    SplittableRandom random = Key.of(5).fold(name).random();
    double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.setAll(values, i -> 2 * random.nextDouble() - 1);
    return Tensor.of(values, shape);
  }

  static Dense dense(long in, long out) {
    return new Dense(random("base", out, in), null);
  }
}
