package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.Arrays;

/** What optimisers share: the type they compute in, and statistics that start at zero. */
final class Moments {

  private Moments() {}

  /** The type in which a parameter's statistics are kept. */
  static DType dtype(Tensor parameter) {
    return parameter.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** The elements in the type that statistics are kept in. */
  static Tensor wide(Tensor t) {
    return t.to(dtype(t));
  }

  /** Zeros like the parameters. */
  static Params zeros(Params params) {
    return params.map(p -> Tensor.full(0, dtype(p), p.shape().toArray(Dim[]::new)));
  }

  /** The statistics of a name. */
  static Params of(Optimizer.State state, String name) {
    Params moment = state.moments().get(name);
    if (moment == null) {
      throw new IllegalArgumentException(
          "a state with "
              + state.moments().keySet()
              + " has no "
              + name
              + ": it is of another optimiser");
    }
    return moment;
  }

  static Tensor noSteps() {
    return Tensor.scalar(0, DType.INT64);
  }

  /** Bytes of {@link #noSteps}. */
  static final long STEP_BYTES = Long.BYTES;

  /** Bytes of {@link #zeros}. */
  static long bytes(Params params) {
    return params.asMap().values().stream()
        .mapToLong(p -> elements(p.lengths()) * dtype(p).bytes())
        .sum();
  }

  static long elements(long[] lengths) {
    return Arrays.stream(lengths).reduce(1, Math::multiplyExact);
  }
}
