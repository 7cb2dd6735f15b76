package ai.kindred.reliability.fit;

import ai.kindred.reliability.code.CodewordSecded57;
import ai.kindred.reliability.code.FlaggedOutlier57;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A matrix in a format: {@code W[o, order[i]] ~ values[o, i] scales[o]}, halved for i mod 8 = 7 in
 * {@link Format#HALF_STEP}.
 *
 * @param in length of a row, divisible by 8
 * @param values plain weights, row by row, that fit the format's code
 * @param scales one a row, exact in bfloat16
 * @param order which input stands at each place, or null for their own order
 * @param sqnr signal to quantisation noise, decibels
 * @param changed how many weights are not what int8 with the same scale would be
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
public record Fitted(
    Format format,
    int in,
    byte[] values,
    float[] scales,
    int @Nullable [] order,
    double sqnr,
    long changed) {

  private static final int WORD = 8;

  /**
   * Puts weights into a format.
   *
   * @param weights [out, in], finite
   * @throws IllegalArgumentException where rows do not have whole words
   */
  public static Fitted of(float[] weights, int in, Format format) {
    requireWords(weights.length, in);
    float[] scales = new float[weights.length / in];
    for (int o = 0; o < scales.length; o++) {
      scales[o] = Quantiser.scale(weights, o * in, (o + 1) * in, format.limit());
    }
    return of(weights, in, format, scales);
  }

  /**
   * Puts weights into a format whose scale training has settled already.
   *
   * @param step of int8, finite and above 0; 7-bit formats have twice that
   * @throws IllegalArgumentException where rows do not have whole words
   */
  public static Fitted of(float[] weights, int in, Format format, double step) {
    requireWords(weights.length, in);
    if (!(step > 0 && step < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a step of " + step + "; steps are above 0");
    }
    float[] scales = new float[weights.length / in];
    Arrays.fill(scales, (float) (step * 127 / format.limit()));
    return of(weights, in, format, scales);
  }

  private static void requireWords(int weights, int in) {
    if (in < 1 || in % WORD != 0 || weights % in != 0) {
      throw new IllegalArgumentException(
          weights
              + " weights in rows of "
              + in
              + ": rows are protected in words of 8 weights, and this length leaves "
              + Math.floorMod(in, WORD)
              + " over");
    }
  }

  private static Fitted of(float[] weights, int in, Format format, float[] scales) {
    int out = scales.length;
    int[] order = format == Format.PERMUTED ? order(weights, in, scales) : null;
    byte[] values = new byte[weights.length];
    long changed = 0;
    CodewordSecded57 codewords = new CodewordSecded57();
    float[] steps = new float[WORD];
    int[] exact = new int[WORD];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i += WORD) {
        for (int k = 0; k < WORD; k++) {
          float w = weights[o * in + (order == null ? i + k : order[i + k])];
          steps[k] = w / (scales[o] * factor(format, k));
          exact[k] = (int) Math.rint(steps[k]);
        }
        changed +=
            format == Format.CODEWORDS
                ? put(codewords.nearest(steps), exact, values, o * in + i)
                : fit(format, exact, values, o * in + i);
      }
    }
    Fitted made = new Fitted(format, in, values, scales, order, 0, changed);
    double sqnr = Quantiser.sqnr(weights, made.dequantised());
    return new Fitted(format, in, values, scales, order, sqnr, changed);
  }

  /** The same matrix with other values, as a memory that was hit gives them. */
  public Fitted withValues(byte[] other) {
    if (other.length != values.length) {
      throw new IllegalArgumentException(other.length + " values for a matrix of " + values.length);
    }
    return new Fitted(format, in, other, scales, order, sqnr, changed);
  }

  /** The format with the highest ratio of those given; the first where several are equal. */
  public static Fitted best(float[] weights, int in, Collection<Format> formats) {
    return formats.stream()
        .map(f -> of(weights, in, f))
        .max(Comparator.comparingDouble(Fitted::sqnr))
        .orElseThrow(() -> new IllegalArgumentException("no format to choose from"));
  }

  static float factor(Format format, int slot) {
    return format == Format.HALF_STEP && slot == 7 ? 0.5f : 1;
  }

  /** Writes a word and counts what it changed. */
  private static int fit(Format format, int[] exact, byte[] values, int at) {
    int largest = format == Format.FLAGGED ? largest(exact) : 7;
    int changed = 0;
    for (int k = 0; k < WORD; k++) {
      int q = exact[k];
      int to;
      if (format == Format.BESIDE) {
        to = clamp(q, -127, 127);
      } else if (format == Format.INT7) {
        to = clamp(q, -63, 63);
      } else if (k != largest) {
        to = clamp(q, -64, 63);
      } else if (format == Format.FLAGGED) {
        to = nearer(q, clamp(q, -64, 63), FlaggedOutlier57.snapped(q));
      } else {
        to = clamp(q, -127, 127);
      }
      values[at + k] = (byte) to;
      changed += to == q ? 0 : 1;
    }
    return changed;
  }

  private static int put(long word, int[] exact, byte[] values, int at) {
    int changed = 0;
    for (int k = 0; k < WORD; k++) {
      values[at + k] = (byte) (word >>> (8 * k));
      changed += values[at + k] == exact[k] ? 0 : 1;
    }
    return changed;
  }

  private static int nearer(int q, int a, int b) {
    return Math.abs(q - a) <= Math.abs(q - b) ? a : b;
  }

  private static int clamp(int q, int low, int high) {
    return Math.max(low, Math.min(high, q));
  }

  private static int largest(int[] exact) {
    return IntStream.range(0, WORD)
        .boxed()
        .max(Comparator.comparingInt(k -> Math.abs(exact[k])))
        .orElseThrow();
  }

  /**
   * The inputs that clamping would cost most, one in eight, go to the slots that are not clamped.
   */
  private static int[] order(float[] weights, int in, float[] scales) {
    double[] cost = new double[in];
    for (int j = 0; j < weights.length; j++) {
      float s = scales[j / in];
      double over = Math.max(0, Math.abs(weights[j]) - 64.0 * s);
      cost[j % in] += over * over;
    }
    int[] byCost =
        IntStream.range(0, in)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -cost[i]).thenComparing(i -> i))
            .mapToInt(i -> i)
            .toArray();
    boolean[] free = new boolean[in];
    for (int i = 0; i < in / WORD; i++) {
      free[byCost[i]] = true;
    }
    int[] costly = IntStream.range(0, in).filter(i -> free[i]).toArray();
    int[] others = IntStream.range(0, in).filter(i -> !free[i]).toArray();
    int[] order = new int[in];
    for (int i = 0; i < in; i++) {
      order[i] = i % WORD == 7 ? costly[i / WORD] : others[i - i / WORD];
    }
    return order;
  }

  /** The weights that the values stand for, inputs in their own order. */
  public float[] dequantised() {
    float[] w = new float[values.length];
    for (int j = 0; j < w.length; j++) {
      int i = j % in;
      int to = order == null ? i : order[i];
      w[j - i + to] = values[j] * scales[j / in] * factor(format, i % WORD);
    }
    return w;
  }

  /** Share of weights that were changed. */
  public double share() {
    return values.length == 0 ? 0 : (double) changed / values.length;
  }
}
