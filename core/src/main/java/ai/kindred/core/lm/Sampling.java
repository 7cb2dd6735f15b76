package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How the next token is chosen from its scores, in transformers' order: repetition penalty,
 * temperature, top-k, top-p, min-p.
 *
 * @param temperature scores are divided by it; 0 takes the greatest score always
 * @param topK only so many best tokens are left in; 0 for all
 * @param topP only the fewest best tokens of at least this probability are left in, in (0, 1]; 1
 *     for all
 * @param minP only tokens at least so probable, relative to the best, are left in, in [0, 1]; 0 for
 *     all
 * @param repetitionPenalty scores of tokens seen already are divided (positive) or multiplied
 *     (negative) by it, at least 1; 1 for none
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty) {

  /** The greatest score, always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1);

  /** Checks the ranges. */
  public Sampling {
    check(temperature >= 0 && temperature < 1e4, "temperature", temperature, "at least 0");
    check(topK >= 0, "top-k", topK, "at least 0");
    check(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1");
    check(minP >= 0 && minP <= 1, "min-p", minP, "from 0 to 1");
    check(
        repetitionPenalty >= 1 && repetitionPenalty < 1e4,
        "repetition penalty",
        repetitionPenalty,
        "at least 1");
  }

  /** Draws from the model's own distribution at a temperature. */
  public static Sampling temperature(double temperature) {
    return new Sampling(temperature, 0, 1, 0, 1);
  }

  private static void check(boolean holds, String what, double value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be " + range);
    }
  }

  /**
   * Chooses a token a row, for use inside a kernel.
   *
   * @param logits [B, V] float32
   * @param seen [B, V] bool, tokens that occurred already; null without a penalty
   * @param keys [B, 1] int64, a key a row
   * @return [B] int64
   */
  Tensor choose(Tensor logits, @Nullable Tensor seen, Tensor keys) {
    Tensor s = logits;
    if (seen != null) {
      Tensor punished = Tensor.where(s.lt(0), s.mul(repetitionPenalty), s.div(repetitionPenalty));
      s = Tensor.where(seen, punished, s);
    }
    if (temperature == 0) {
      return s.argmax(-1, false);
    }
    s = s.div(temperature);
    long vocabulary = s.size(1).value();
    if (topK > 0 && topK < vocabulary) {
      Tensor least = s.topk(topK, -1).values().narrow(-1, topK - 1L, 1);
      s = s.maskedFill(s.lt(least), Double.NEGATIVE_INFINITY);
    }
    if (topP < 1) {
      Tensor.Sorted sorted = s.sort(-1, true);
      Tensor p = sorted.values().softmax(-1);
      // A token stays while those before it have not reached the probability; the best one always
      // does.
      Tensor out = p.cumsum(-1).sub(p).ge(topP);
      Tensor least = sorted.values().maskedFill(out, Double.POSITIVE_INFINITY).amin(-1, true);
      s = s.maskedFill(s.lt(least), Double.NEGATIVE_INFINITY);
    }
    if (minP > 0) {
      Tensor p = s.softmax(-1);
      s = s.maskedFill(p.lt(p.amax(-1, true).mul(minP)), Double.NEGATIVE_INFINITY);
    }
    // The greatest of score + Gumbel noise is a draw from the softmax (Gumbel, 1954).
    Tensor uniform =
        Kernel.cat(
            s.size(0),
            0,
            i -> Tensor.rand(keys.select(0, i), DType.FLOAT32, Dim.of(1), Dim.of(vocabulary)));
    Tensor noise = uniform.clamp(1e-20, null).log().neg().log().neg();
    return s.add(noise).argmax(-1, false);
  }

  /**
   * The keys of the next step: a linear congruential step modulo 2^52, which int64 and float64 hold
   * exactly.
   */
  static Tensor next(Tensor keys) {
    return keys.mul(1_181_783_497_276_653d).add(1_442_695_040_888_963d).remainder(0x1p52);
  }
}
