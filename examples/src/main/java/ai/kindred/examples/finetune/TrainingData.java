package ai.kindred.examples.finetune;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.MixedOrder;
import ai.kindred.core.data.Mixing;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The suite's train instances as tokens, mixed in proportion; each step's batch depends on seed and
 * step alone.
 */
final class TrainingData {

  private final List<List<TokenizedExample>> examples = new ArrayList<>();
  private final MixedOrder order;
  private final int batchTokens;
  private final double meanLength;

  TrainingData(LanguageModel model, TaskSuite suite, FineTuneConfig config) {
    Tokenizer tokenizer = model.requireTokenizer();
    int end = model.endOfText().iterator().next();
    batchTokens = config.batchTokens();
    int longest = Math.min(model.config().maxPositions(), batchTokens);
    for (int t = 0; t < suite.tasks().size(); t++) {
      InstructionTask task = suite.tasks().get(t);
      List<TokenizedExample> own = new ArrayList<>();
      for (Instance i : suite.train(task, config.trainPerTask())) {
        int[] target = tokenizer.encode(i.target(), false);
        int[] ended = Arrays.copyOf(target, target.length + 1);
        ended[target.length] = end;
        int[] prompt = Answers.prompt(tokenizer, task, i, longest);
        if (ended.length < longest) {
          own.add(new TokenizedExample(prompt, ended, t).truncate(longest));
        }
      }
      if (own.isEmpty()) {
        throw new IllegalArgumentException(
            "task " + task.name() + " has no train instance that fits " + longest + " tokens");
      }
      examples.add(own);
    }
    meanLength =
        examples.stream()
            .flatMap(List::stream)
            .mapToInt(TokenizedExample::length)
            .average()
            .orElseThrow();
    order =
        new MixedOrder(
            examples.stream().mapToInt(List::size).toArray(),
            new Mixing.Proportional(Integer.MAX_VALUE),
            Key.of(config.seed()).fold("mixing"));
  }

  /** Number of examples of a step. */
  int examplesPerStep() {
    return Math.max(1, (int) (batchTokens / meanLength));
  }

  /**
   * The batch of a step: always the same number of examples, so that a step's data follow from its
   * number.
   */
  PackedBatch batch(long step) {
    int n = examplesPerStep();
    List<TokenizedExample> chosen = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      MixedOrder.Draw draw = order.at(step * n + i);
      chosen.add(examples.get(draw.task()).get(draw.example()));
    }
    return PackedBatch.of(chosen);
  }
}
