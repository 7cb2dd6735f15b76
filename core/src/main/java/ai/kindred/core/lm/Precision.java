package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;

/** How weights are held and products computed. */
public enum Precision {
  /** Single precision throughout. */
  FLOAT32(DType.FLOAT32),
  /** Weights and activations in bfloat16; norms, scores and losses in single precision. */
  BFLOAT16(DType.BFLOAT16),
  /** Weights of the layers in 8 bits with a scale a row, activations in bfloat16. */
  INT8(DType.BFLOAT16);

  private final DType activations;

  Precision(DType activations) {
    this.activations = activations;
  }

  /** Type of embeddings and activations. */
  public DType activations() {
    return activations;
  }

  /**
   * The precision of a name as typed by users: float32, bfloat16 or int8.
   *
   * @throws IllegalArgumentException for other names
   */
  public static Precision of(String name) {
    for (Precision p : values()) {
      if (p.name().equalsIgnoreCase(name)) {
        return p;
      }
    }
    throw new IllegalArgumentException(
        "\"" + name + "\" is not a precision; there are float32, bfloat16 and int8");
  }
}
