package ai.kindred.core.lm;

/**
 * Rotary position embedding (Su et al., 2021, arXiv:2104.09864): pair i of a head turns by {@code
 * position * frequency_i}, where {@code frequency_i = theta^(-2i/d)}, then scaled for contexts
 * longer than those of pre-training.
 *
 * @param theta base of the frequencies, above 0
 * @param scaling what is done to the frequencies
 */
public record Rope(double theta, Scaling scaling) {

  /** How frequencies are changed for long contexts. */
  public sealed interface Scaling {
    /** Not at all. */
    record None() implements Scaling {}

    /**
     * Position interpolation (Chen et al., 2023, arXiv:2306.15595): all frequencies divided.
     *
     * @param factor at least 1
     */
    record Linear(double factor) implements Scaling {}

    /**
     * Llama 3.1's: frequencies whose wavelength is above {@code originalMaxPositions /
     * lowFrequencyFactor} are divided by {@code factor}, those below {@code originalMaxPositions /
     * highFrequencyFactor} stay, those between are mixed linearly in the inverse wavelength.
     *
     * @param factor at least 1
     * @param lowFrequencyFactor above 0
     * @param highFrequencyFactor above {@code lowFrequencyFactor}
     * @param originalMaxPositions context of pre-training, in tokens
     */
    record Llama3(
        double factor,
        double lowFrequencyFactor,
        double highFrequencyFactor,
        int originalMaxPositions)
        implements Scaling {}
  }

  /** Throws IllegalArgumentException for a value out of range. */
  public Rope {
    Ranges.above("rope_theta", theta, 0, 1e15);
    if (scaling instanceof Scaling.Linear linear) {
      Ranges.between("factor", linear.factor(), 1, 1e6);
    } else if (scaling instanceof Scaling.Llama3 llama3) {
      Ranges.between("factor", llama3.factor(), 1, 1e6);
      Ranges.above("low_freq_factor", llama3.lowFrequencyFactor(), 0, 1e6);
      Ranges.above(
          "high_freq_factor", llama3.highFrequencyFactor(), llama3.lowFrequencyFactor(), 1e6);
      Ranges.between(
          "original_max_position_embeddings",
          llama3.originalMaxPositions(),
          1,
          Ranges.MAX_POSITIONS);
    }
  }

  /** Unscaled rotary embedding. */
  public static Rope of(double theta) {
    return new Rope(theta, new Scaling.None());
  }

  /**
   * Radians per position of each pair, [headDim / 2].
   *
   * @param headDim size of a head, even
   */
  public double[] frequencies(int headDim) {
    double[] frequencies = new double[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaled(Math.pow(theta, -2.0 * i / headDim));
    }
    return frequencies;
  }

  private double scaled(double frequency) {
    if (scaling instanceof Scaling.Linear linear) {
      return frequency / linear.factor();
    }
    if (scaling instanceof Scaling.Llama3 s) {
      double turns = s.originalMaxPositions() * frequency / (2 * Math.PI);
      double kept =
          (turns - s.lowFrequencyFactor()) / (s.highFrequencyFactor() - s.lowFrequencyFactor());
      kept = Math.max(0, Math.min(1, kept));
      return frequency * (kept + (1 - kept) / s.factor());
    }
    return frequency;
  }
}
