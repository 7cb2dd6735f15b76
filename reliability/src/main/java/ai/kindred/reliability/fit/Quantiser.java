package ai.kindred.reliability.fit;

/**
 * Symmetric linear quantisation {@code q = round(w / s)}, {@code s = max |w| / (2^(bits-1) - 1)},
 * with a scale a tensor, a row or a group of a row.
 *
 * @param bits 2 to 8
 * @param granularity what shares a scale
 * @param group weights a group, dividing the row; only for groups
 */
public record Quantiser(int bits, Granularity granularity, int group) {

  /** What shares a scale. */
  public enum Granularity {
    /** The whole tensor, as the paper has it. */
    TENSOR,
    /** An output row, as {@code core.nn.Int8} has it. */
    ROW,
    /** So many neighbours of a row. */
    GROUP
  }

  /**
   * Quantised weights.
   *
   * @param values row by row
   * @param scales one for each {@code perScale} values
   */
  @SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
  public record Quantised(byte[] values, float[] scales, int perScale) {

    /** The weights that the values stand for. */
    public float[] dequantised() {
      float[] w = new float[values.length];
      for (int i = 0; i < w.length; i++) {
        w[i] = values[i] * scales[i / perScale];
      }
      return w;
    }
  }

  /** Checks the ranges. */
  public Quantiser {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("quantisation to " + bits + " bits; 2 to 8 are possible");
    }
    if (granularity == Granularity.GROUP && group < 1) {
      throw new IllegalArgumentException("groups of " + group + " weights; give at least 1");
    }
  }

  /** Eight bits and a scale a tensor or a row. */
  public static Quantiser int8(Granularity granularity) {
    return new Quantiser(8, granularity, 0);
  }

  /** Largest value. */
  public int largest() {
    return (1 << (bits - 1)) - 1;
  }

  /**
   * Quantises.
   *
   * @param weights [out, in], finite
   * @param in length of a row
   */
  public Quantised quantise(float[] weights, int in) {
    int per =
        switch (granularity) {
          case TENSOR -> Math.max(1, weights.length);
          case ROW -> in;
          case GROUP -> group;
        };
    if (in < 1 || weights.length % in != 0 || in % Math.min(per, in) != 0) {
      throw new IllegalArgumentException(
          weights.length + " weights in rows of " + in + " do not have groups of " + per);
    }
    byte[] values = new byte[weights.length];
    float[] scales = new float[(weights.length + per - 1) / per];
    for (int g = 0; g < scales.length; g++) {
      int from = g * per;
      float s = scale(weights, from, from + per, largest());
      scales[g] = s;
      for (int i = from; i < from + per; i++) {
        values[i] = (byte) Math.max(-largest(), Math.min(largest(), Math.rint(weights[i] / s)));
      }
    }
    return new Quantised(values, scales, per);
  }

  /** A scale that bfloat16 holds exactly and that takes the largest weight to at most a limit. */
  static float scale(float[] weights, int from, int to, int limit) {
    float max = 1e-12f;
    for (int i = from; i < to; i++) {
      if (!Float.isFinite(weights[i])) {
        throw new IllegalArgumentException(
            "weight " + i + " is " + weights[i] + "; finite ones can be quantised");
      }
      max = Math.max(max, Math.abs(weights[i]));
    }
    int bits = Float.floatToRawIntBits(max / limit);
    return Float.intBitsToFloat((bits + 0xffff) & 0xffff0000);
  }

  /** {@code 10 log10(sum w^2 / sum (w - v)^2)}, decibels; infinite where the two are equal. */
  public static double sqnr(float[] w, float[] v) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < w.length; i++) {
      double d = (double) w[i] - v[i];
      signal += (double) w[i] * w[i];
      noise += d * d;
    }
    return 10 * Math.log10(signal / noise);
  }
}
