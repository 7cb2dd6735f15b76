package ai.kindred.core.lm;

/** Activation of the MLP's gate, by transformers' names. */
public enum Activation {
  /** {@code x * sigmoid(x)}. */
  SILU("silu", "swish"),
  /** {@code x * Phi(x)} with the exact normal distribution function. */
  GELU("gelu", "gelu"),
  /** {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
  GELU_TANH("gelu_pytorch_tanh", "gelu_new");

  private final String key;
  private final String alias;

  Activation(String key, String alias) {
    this.key = key;
    this.alias = alias;
  }

  /** The name that config.json uses. */
  public String key() {
    return key;
  }

  /** Whether config.json may call this activation so. */
  boolean isCalled(String name) {
    return name.equals(key) || name.equals(alias);
  }
}
