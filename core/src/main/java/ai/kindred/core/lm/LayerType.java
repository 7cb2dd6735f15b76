package ai.kindred.core.lm;

/** What a layer's attention may see. */
public enum LayerType {
  /** Every earlier position. */
  FULL("full_attention"),
  /** The last {@link ModelConfig.Attention#slidingWindow()} positions, itself included. */
  SLIDING("sliding_attention");

  private final String key;

  LayerType(String key) {
    this.key = key;
  }

  /** The word that config.json uses. */
  public String key() {
    return key;
  }
}
