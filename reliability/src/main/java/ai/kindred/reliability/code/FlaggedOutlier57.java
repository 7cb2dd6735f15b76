package ai.kindred.reliability.code;

/**
 * The code of {@link InPlaceSecded57} for words with at most one large weight, wherever it stands.
 * Of the 57 bits, the sign of slot 7 is a flag:
 *
 * <ul>
 *   <li>0: eight weights in [-64, 63], 7 bits each,
 *   <li>1: slot 7 holds the place p (3 bits), sign and m (3 bits) of a weight {@code +-(68 + 8 m)};
 *       the weight of slot 7, if that is not the large one, stands at p.
 * </ul>
 *
 * <p>So 2^56 + 8 2^49 2^4 = 2^57 words fit. The format is ours. It has to be unpacked in Java: no
 * product runs on it as it stands.
 */
public final class FlaggedOutlier57 extends InPlaceSecded57 {

  private static final long COPIES = 0x4040404040404040L;
  private static final int LEAST = 68;
  private static final int STEP = 8;
  private static final int LAST = 56;

  /** The large weight nearest to one outside [-64, 63]. */
  public static int snapped(int weight) {
    int m = Math.round((Math.abs(weight) - LEAST) / (float) STEP);
    int size = LEAST + STEP * Math.max(0, Math.min(7, m));
    return weight < 0 ? -size : size;
  }

  @Override
  public String name() {
    return "in-place (64,57), flagged";
  }

  private static long large(long plain) {
    return (plain ^ plain >>> 1) & COPIES;
  }

  private static int weight(long word, int slot) {
    return (byte) (word >>> (8 * slot));
  }

  private static long with(long word, int slot, int weight) {
    int shift = 8 * slot;
    return (word & ~(0xffL << shift)) | (weight & 0xffL) << shift;
  }

  @Override
  public boolean fits(long plain) {
    long large = large(plain);
    if (large == 0) {
      return true;
    }
    int q = weight(plain, Long.numberOfTrailingZeros(large) / 8);
    return Long.bitCount(large) == 1 && q == snapped(q);
  }

  @Override
  long packed(long plain) {
    long large = large(plain);
    if (large == 0) {
      return plain & Long.MAX_VALUE;
    }
    int p = Long.numberOfTrailingZeros(large) / 8;
    int q = weight(plain, p);
    int m = (Math.abs(q) - LEAST) / STEP;
    int slot7 = 0x80 | p << 4 | (q < 0 ? 8 : 0) | m;
    return with(with(plain, p, weight(plain, 7)), 7, slot7);
  }

  @Override
  long unpacked(long packed) {
    if (packed >= 0) {
      return packed | (packed & 1L << 62) << 1;
    }
    int slot7 = (int) (packed >>> LAST);
    int p = slot7 >> 4 & 7;
    int size = LEAST + STEP * (slot7 & 7);
    int q = (slot7 & 8) == 0 ? size : -size;
    return with(with(packed, 7, weight(packed, p)), p, q);
  }

  @Override
  boolean fit(long[] words) {
    for (long word : words) {
      if (!fits(word)) {
        return false;
      }
    }
    return true;
  }

  @Override
  void pack(long[] words) {
    for (int i = 0; i < words.length; i++) {
      words[i] = packed(words[i]);
    }
  }

  @Override
  void unpack(long[] words, int n) {
    for (int i = 0; i < n; i++) {
      words[i] = unpacked(words[i]);
    }
  }
}
