package ai.kindred.examples.reliability;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A model's mean negative log-likelihood a token on a text, in windows of its context without
 * overlap.
 *
 * @param nats the mean; its exponential is the perplexity
 * @param tokens how many tokens were predicted
 */
record TextLoss(double nats, int tokens) {

  private static final int WINDOW = 256;
  private static final int MOST_TOKENS = 1 << 15;

  /** Measures; a long text is read as far as {@value #MOST_TOKENS} tokens. */
  static TextLoss of(LanguageModel model, Path file) throws IOException {
    int[] ids = model.requireTokenizer().encode(Files.readString(file), false);
    int window = Math.min(WINDOW, model.config().maxPositions());
    double sum = 0;
    int tokens = 0;
    try (Scorer scorer = new Scorer(model)) {
      for (int from = 0; from + 1 < Math.min(ids.length, MOST_TOKENS); from += window) {
        int to = Math.min(ids.length, from + window);
        if (to - from < 2) {
          break;
        }
        TokenizedExample example =
            new TokenizedExample(
                Arrays.copyOfRange(ids, from, from + 1), Arrays.copyOfRange(ids, from + 1, to), 0);
        for (double nll : scorer.negativeLogLikelihoods(PackedBatch.of(List.of(example)))) {
          sum += nll;
          tokens++;
        }
      }
    }
    if (tokens == 0) {
      throw new IOException(file + " has fewer than two tokens: there is nothing to predict");
    }
    return new TextLoss(sum / tokens, tokens);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.4f nats a token, perplexity %.3f, over %d tokens",
        nats,
        Math.exp(nats),
        tokens);
  }
}
