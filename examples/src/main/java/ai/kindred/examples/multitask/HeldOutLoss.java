package ai.kindred.examples.multitask;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How likely a model finds a suite's held-out answers. */
public final class HeldOutLoss {

  /** Tokens that are read at once. */
  private static final int BATCH_TOKENS = 2048;

  private HeldOutLoss() {}

  /**
   * Mean negative log-likelihood of a token of each held-out instance's first output, the end of
   * text included, in nats.
   *
   * @return by task, in the order of its held-out instances
   */
  public static Map<String, double[]> of(LanguageModel model, TaskSuite suite)
      throws InterruptedException {
    Map<String, double[]> losses = new LinkedHashMap<>();
    try (Scorer scorer = new Scorer(model)) {
      for (InstructionTask task : suite.tasks()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while scoring " + task.name());
        }
        List<Double> all = new ArrayList<>();
        List<TokenizedExample> batch = new ArrayList<>();
        int tokens = 0;
        for (Instance instance : suite.heldOut(task)) {
          TokenizedExample example = example(model, task, instance);
          if (tokens + example.length() > BATCH_TOKENS && !batch.isEmpty()) {
            means(scorer, batch, all);
            batch.clear();
            tokens = 0;
          }
          batch.add(example);
          tokens += example.length();
        }
        if (!batch.isEmpty()) {
          means(scorer, batch, all);
        }
        losses.put(task.name(), all.stream().mapToDouble(x -> x).toArray());
      }
    }
    return losses;
  }

  private static TokenizedExample example(LanguageModel model, InstructionTask task, Instance i) {
    int longest = model.config().maxPositions();
    int[] prompt = Answers.prompt(model.requireTokenizer(), task, i, longest);
    return new TokenizedExample(prompt, model.encodeTarget(i.target()), 0).truncate(longest);
  }

  private static void means(Scorer scorer, List<TokenizedExample> batch, List<Double> means) {
    double[] each = scorer.negativeLogLikelihoods(PackedBatch.of(batch));
    int from = 0;
    for (TokenizedExample example : batch) {
      int to = from + example.target().length;
      means.add(Arrays.stream(each, from, to).average().orElseThrow());
      from = to;
    }
  }
}
