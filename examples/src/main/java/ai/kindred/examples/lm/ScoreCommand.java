package ai.kindred.examples.lm;

import ai.kindred.cli.JsonLines;
import ai.kindred.cli.Output;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "score",
    description = {
      "How likely a model finds given tokens.",
      "",
      "A line {\"ids\":[..],\"labels\":[..]} (label -100 is ignored; each label is predicted from"
          + " the ids before it) or {\"prompt\":\"..\",\"target\":\"..\"} (tokenised apart, without"
          + " special tokens or template) gives {\"nll\":sum,\"tokens\":n}, the negative"
          + " log-likelihood in nats; a last line {\"total_nll\":..,\"total_tokens\":..}."
    })
final class ScoreCommand implements Callable<Integer> {

  /** Tokens that are scored at once. */
  private static final int BATCH_TOKENS = 2048;

  record Score(@JsonProperty("nll") double nll, @JsonProperty("tokens") int tokens) {}

  record Total(@JsonProperty("total_nll") double nll, @JsonProperty("total_tokens") long tokens) {}

  @Mixin private final Output output = new Output();
  @Mixin private final ModelOptions options = new ModelOptions();

  @Parameters(paramLabel = "FILE.jsonl", description = "JSON Lines; - is standard input.")
  private Path file = Path.of("-");

  private final List<ScoredLine> waiting = new ArrayList<>();
  private double totalNll;
  private long totalTokens;

  @Override
  public Integer call() throws IOException {
    try (ModelOptions.Open open = options.open()) {
      LanguageModel model = open.model();
      try (Scorer scorer = new Scorer(model)) {
        JsonLines.forEach(
            file, (line, source) -> add(ScoredLine.read(line, source, model), scorer));
        score(scorer);
      }
    }
    output.json(new Total(totalNll, totalTokens));
    return 0;
  }

  private void add(ScoredLine line, Scorer scorer) throws IOException {
    int tokens = waiting.stream().mapToInt(ScoredLine::length).sum();
    if (tokens + line.length() > BATCH_TOKENS) {
      score(scorer);
    }
    waiting.add(line);
  }

  private void score(Scorer scorer) throws IOException {
    if (Thread.interrupted()) {
      throw new InterruptedIOException("interrupted while scoring");
    }
    double[] each = scorer.negativeLogLikelihoods(ScoredLine.packed(waiting));
    int at = 0;
    for (ScoredLine line : waiting) {
      double nll = 0;
      for (int i = 0; i < line.targets(); i++) {
        nll += each[at++];
      }
      if (!Double.isFinite(nll)) {
        throw new IOException(
            line.source()
                + ": the negative log-likelihood is "
                + nll
                + ": the model's weights hold NaN or infinities, or overflow");
      }
      output.json(new Score(nll, line.targets()));
      totalNll += nll;
      totalTokens += line.targets();
    }
    waiting.clear();
  }
}
