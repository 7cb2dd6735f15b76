package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.stream.LongStream;

/**
 * First values of one adapter's tensors, in float32. Adapters ask here rather than draw themselves,
 * so that reading a folder can make the same tensors without drawing, within what its file holds.
 */
public interface Init {

  /** Uniform numbers in [-bound, bound); the name tells this draw from the adapter's others. */
  Tensor uniform(String name, double bound, long... shape);

  /** Zeros. */
  Tensor zeros(long... shape);

  /**
   * He et al.'s uniform distribution with slope sqrt(5), PyTorch's for linear layers: the bound is
   * {@code 1 / sqrt(in)}.
   */
  default Tensor kaimingUniform(String name, long out, long in) {
    return uniform(name, 1 / Math.sqrt((double) in), out, in);
  }

  /** Draws from a key: equal keys and names give equal numbers. */
  static Init of(Key key) {
    return new Init() {
      @Override
      public Tensor uniform(String name, double bound, long... shape) {
        return Scope.tidy(
            () ->
                Tensor.rand(
                        Tensor.of(key.fold(name)),
                        DType.FLOAT32,
                        LongStream.of(shape).mapToObj(Dim::of).toArray(Dim[]::new))
                    .mul(2 * bound)
                    .sub(bound));
      }

      @Override
      public Tensor zeros(long... shape) {
        return Tensor.zeros(DType.FLOAT32, shape);
      }
    };
  }
}
