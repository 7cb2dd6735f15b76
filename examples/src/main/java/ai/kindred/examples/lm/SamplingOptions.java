package ai.kindred.examples.lm;

import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Sampling;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen, as a mixin. */
final class SamplingOptions {

  private static final int MAX_NEW_TOKENS = 100;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "At most so many tokens; 100, or what fits the context, if not given.")
  private @Nullable Integer maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Scores are divided by it; 0, the default, takes the best token always.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Only so many best tokens; 0, the default, for all.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Only the fewest best tokens of so much probability; 1 for all.")
  private double topP = 1;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Only tokens so probable relative to the best; 0 for all.")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description = "Scores of tokens seen already are divided by it; 1 for none.")
  private double repetitionPenalty = 1;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "What random choices come from; 0 if not given.")
  private long seed;

  /**
   * The settings for a prompt.
   *
   * @throws IllegalArgumentException if an option is out of range
   */
  Generation settings(int promptTokens, int context) {
    int fitting = Math.max(1, Math.min(MAX_NEW_TOKENS, context - promptTokens));
    return Generation.sampled(maxNewTokens == null ? fitting : maxNewTokens, sampling(), seed);
  }

  /** As {@link #settings}, before anything is loaded. */
  Sampling sampling() {
    if (maxNewTokens != null && maxNewTokens < 0) {
      throw new IllegalArgumentException(
          "max new tokens is " + maxNewTokens + "; it must be at least 0");
    }
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty);
  }
}
