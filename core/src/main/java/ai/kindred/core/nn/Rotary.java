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

  /**
   * Cosines and signed sines of a pass, [T, 1, d] each: the first half of sines is negative, for
   * {@code (a, b) -> (a cos - b sin, b cos + a sin)}.
   */
  public record Angles(Tensor cos, Tensor sin) {

    /** Turns x [T, heads, d]. */
    public Tensor rotate(Tensor x) {
      return x.mul(cos).addcmul(x.roll(x.size(-1).value() / 2, -1), sin);
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
    Tensor cos = angles.cos();
    Tensor sin = angles.sin();
    return new Angles(
        Tensor.cat(List.of(cos, cos), -1).to(dtype),
        Tensor.cat(List.of(sin.neg(), sin), -1).to(dtype));
  }
}
