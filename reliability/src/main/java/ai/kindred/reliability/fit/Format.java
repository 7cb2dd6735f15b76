package ai.kindred.reliability.fit;

import ai.kindred.reliability.code.CodewordSecded57;
import ai.kindred.reliability.code.FlaggedOutlier57;
import ai.kindred.reliability.code.InPlaceSecded56;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.Secded72;
import ai.kindred.reliability.code.WordCode;

/** How eight weights of a row are kept, with a scale a row; runs of eight lie along the inputs. */
public enum Format {
  /** Plain int8, check bits beside it: 12.5 % more memory, nothing lost. */
  BESIDE(127),
  /**
   * int8; the first seven weights of each eight are clamped to [-64, 63]: the paper's, untrained.
   */
  CLAMPED(127),
  /** As {@link #CLAMPED}, inputs reordered so that those with large weights stand in slot 7. */
  PERMUTED(127),
  /** 7 bits for all weights: the scale is twice as large. */
  INT7(63),
  /** 7 bits, and 8 for slot 7 at half the step. */
  HALF_STEP(63),
  /** int8; one large weight in each eight, coarsely; the others are clamped. */
  FLAGGED(127),
  /**
   * int8, each eight weights the nearest word of the code: nothing has to be put back on reading.
   */
  CODEWORDS(127);

  private final int limit;

  Format(int limit) {
    this.limit = limit;
  }

  /** What the greatest weight of a row is scaled to. */
  int limit() {
    return limit;
  }

  /** The code that protects this format. */
  public WordCode code() {
    return switch (this) {
      case BESIDE -> new Secded72();
      case CLAMPED, PERMUTED, HALF_STEP -> new InPlaceSecded57();
      case INT7 -> new InPlaceSecded56();
      case FLAGGED -> new FlaggedOutlier57();
      case CODEWORDS -> new CodewordSecded57();
    };
  }

  /** Whether a kernel can multiply by the encoded words, putting signs back as it reads. */
  public boolean readsInKernel() {
    return this != FLAGGED;
  }

  /** Whether encoded words have check bits where a sign has to be put back. */
  public boolean hidesSigns() {
    return this != BESIDE && this != CODEWORDS;
  }

  /** Whether weights are kept without more memory. */
  public boolean isZeroSpace() {
    return this != BESIDE;
  }
}
