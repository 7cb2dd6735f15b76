package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import java.util.List;

/**
 * Rotary position embedding (Su et al., 2021, arXiv:2104.09864): pair (i, i + d/2) of a head turns
 * by {@code position * frequency_i}. Halves are paired, as in Hugging Face checkpoints.
 *
 * @param frequencies radians a position, one for each of the d/2 pairs
 */
@SuppressWarnings("ArrayRecordComponent") // configuration, compared by kernels element by element
public record Rotary(double[] frequencies) {

  /** Cosines and sines of a pass, [T, 1, d/2] each. */
  public record Angles(Tensor cos, Tensor sin) {

    /** Turns x [T, heads, d]. */
    public Tensor rotate(Tensor x) {
      long half = x.size(-1).value() / 2;
      Tensor a = x.narrow(-1, 0, half);
      Tensor b = x.narrow(-1, half, half);
      return Tensor.cat(List.of(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))), -1);
    }
  }

  /** Angles at positions [T], in the type of the activations. */
  public Angles at(Tensor positions, DType dtype) {
    float[] f = new float[frequencies.length];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) frequencies[i];
    }
    Tensor angles =
        positions.to(DType.FLOAT32).unsqueeze(1).mul(Tensor.of(f, 1, f.length)).unsqueeze(1);
    return new Angles(angles.cos().to(dtype), angles.sin().to(dtype));
  }
}
