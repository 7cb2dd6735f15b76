package ai.kindred.reliability.fit;

/**
 * Which share of int8 weights is small: the observation that the paper starts from, in its bins.
 *
 * @param below32 share with |q| in [0, 32)
 * @param below64 share with |q| in [32, 64)
 * @param upTo128 share with |q| in [64, 128]
 * @param fitting share of words of eight whose first seven lie in [-64, 63]
 * @param oneLarge share of words of eight with at most one outside [-64, 63]
 */
public record Shares(
    double below32, double below64, double upTo128, double fitting, double oneLarge) {

  /** Counts; a last word that is not whole counts as a word. */
  public static Shares of(byte[] values) {
    long[] bins = new long[3];
    long fit = 0;
    long one = 0;
    int words = (values.length + 7) / 8;
    for (int w = 0; w < words; w++) {
      int large = 0;
      boolean first7 = true;
      for (int i = 8 * w; i < Math.min(8 * w + 8, values.length); i++) {
        int size = Math.abs(values[i]);
        bins[size < 32 ? 0 : size < 64 ? 1 : 2]++;
        boolean isLarge = values[i] < -64 || values[i] > 63;
        large += isLarge ? 1 : 0;
        first7 &= !isLarge || i % 8 == 7;
      }
      fit += first7 ? 1 : 0;
      one += large <= 1 ? 1 : 0;
    }
    double n = Math.max(1, values.length);
    double m = Math.max(1, words);
    return new Shares(bins[0] / n, bins[1] / n, bins[2] / n, fit / m, one / m);
  }
}
