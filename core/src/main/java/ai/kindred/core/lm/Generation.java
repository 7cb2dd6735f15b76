package ai.kindred.core.lm;

/**
 * Settings of a generation.
 *
 * @param maxNewTokens at most so many tokens are written
 * @param sampling how each is chosen
 * @param seed what random choices come from; the same seed, prompt and place in the list give the
 *     same text
 * @param ignoreEndOfText whether the model's end-of-text tokens are written like others
 */
public record Generation(int maxNewTokens, Sampling sampling, long seed, boolean ignoreEndOfText) {

  /** Checks the ranges. */
  public Generation {
    if (maxNewTokens < 0 || maxNewTokens > 1 << 20) {
      throw new IllegalArgumentException(
          "max new tokens is " + maxNewTokens + "; it must be from 0 to " + (1 << 20));
    }
  }

  /** The likeliest token, always. */
  public static Generation greedy(int maxNewTokens) {
    return new Generation(maxNewTokens, Sampling.GREEDY, 0, false);
  }

  /** Draws by {@code sampling} from a seed. */
  public static Generation sampled(int maxNewTokens, Sampling sampling, long seed) {
    return new Generation(maxNewTokens, sampling, seed, false);
  }
}
