package ai.kindred.reliability.campaign;

/**
 * Two weights a byte, sixteen a word: weight 2b in the low half of byte b, weight 2b + 1 in the
 * high half. A weight in [-4, 3] has its sign in bit 3 and again in bit 2; for the one in the high
 * half of a byte that is bit 7 and bit 6 of the byte. So where seven of sixteen weights, those at
 * the odd places 1 to 13, are such, the word fits the in-place code (64,57) as it stands.
 *
 * <p>The scale of each group is the one of fifteen, from the greatest weight over 7 downward, that
 * leaves the least squared error, what is clamped included.
 *
 * @param small which weights are clamped to [-4, 3]
 */
record Int4(Small small) implements Form {

  /** Which weights have three bits. */
  enum Small {
    /** None. */
    NONE,
    /** Seven of sixteen. */
    SEVEN,
    /** All: the trivial way to make words fit. */
    ALL
  }

  private static final int WORD = 16;
  private static final int LARGEST = 7;
  private static final int TRIES = 15;
  private static final double LEAST_SHARE = 0.3;

  @Override
  public int bits() {
    return Byte.SIZE / 2;
  }

  @Override
  public Stored store(float[] weights, Matrix matrix) {
    float[] scales = new float[matrix.size() / matrix.perScale()];
    byte[] bytes = new byte[(weights.length + WORD - 1) / WORD * Long.BYTES];
    long changed = 0;
    for (int g = 0; g < scales.length; g++) {
      int from = g * matrix.perScale();
      int to = from + matrix.perScale();
      scales[g] = scale(weights, from, to, matrix.name());
      for (int i = from; i < to; i++) {
        int q = value(weights[i], scales[g], i);
        changed += q == plain(weights[i], scales[g]) ? 0 : 1;
        bytes[i / 2] |= (byte) (i % 2 == 0 ? q & 15 : q << 4);
      }
    }
    return new InNibbles(bytes, scales, matrix, changed);
  }

  private boolean isSmall(int i) {
    int place = i % WORD;
    return small == Small.ALL || (small == Small.SEVEN && place % 2 == 1 && place < WORD - 1);
  }

  private static int plain(float w, float scale) {
    return (int) Math.max(-LARGEST, Math.min(LARGEST, Math.rint(w / scale)));
  }

  private int value(float w, float scale, int i) {
    int q = plain(w, scale);
    return isSmall(i) ? Math.max(-4, Math.min(3, q)) : q;
  }

  private float scale(float[] weights, int from, int to, String name) {
    float max = 1e-12f;
    for (int i = from; i < to; i++) {
      if (!Float.isFinite(weights[i])) {
        throw new IllegalArgumentException(
            "weight " + i + " of " + name + " is " + weights[i] + "; finite ones can be quantised");
      }
      max = Math.max(max, Math.abs(weights[i]));
    }
    // Where all weights have three bits, 3 steps have to reach as far as 7 would.
    float top = max / (small == Small.ALL ? 3 : LARGEST);
    float best = top;
    double least = Double.POSITIVE_INFINITY;
    for (int t = 0; t < TRIES; t++) {
      float scale = (float) (top * (1 - t * (1 - LEAST_SHARE) / (TRIES - 1)));
      double error = 0;
      for (int i = from; i < to; i++) {
        double d = weights[i] - (double) value(weights[i], scale, i) * scale;
        error += d * d;
      }
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    return best;
  }

  @SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
  private record InNibbles(byte[] bytes, float[] scales, Matrix matrix, long changed)
      implements Stored {

    @Override
    public float[] read(byte[] from) {
      float[] w = new float[matrix.size()];
      for (int i = 0; i < w.length; i++) {
        int nibble = i % 2 == 0 ? (byte) (from[i / 2] << 4) >> 4 : from[i / 2] >> 4;
        w[i] = nibble * scales[i / matrix.perScale()];
      }
      return w;
    }
  }
}
