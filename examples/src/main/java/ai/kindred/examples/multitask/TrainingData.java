package ai.kindred.examples.multitask;

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
import java.util.Iterator;
import java.util.List;

/**
 * The suite's train instances as tokens, mixed in proportion; each step's batch depends on seed and
 * step alone.
 */
public final class TrainingData {

  private final List<List<TokenizedExample>> examples = new ArrayList<>();
  private final List<TokenizedExample> validation = new ArrayList<>();
  private final MixedOrder order;
  private final int batchTokens;
  private final double meanLength;

  /**
   * Tokenizes a suite.
   *
   * @param batchTokens tokens of a step's batch, on average
   * @param validated whether a tenth of the instances is kept apart
   * @param seed of the order
   * @throws IllegalArgumentException if a task has no instance that fits a batch
   */
  TrainingData(
      LanguageModel model, TaskSuite suite, int batchTokens, boolean validated, long seed) {
    Tokenizer tokenizer = model.requireTokenizer();
    this.batchTokens = batchTokens;
    int longest = Math.min(model.config().maxPositions(), batchTokens);
    for (int t = 0; t < suite.tasks().size(); t++) {
      InstructionTask task = suite.tasks().get(t);
      List<TokenizedExample> own = new ArrayList<>();
      for (Instance i : suite.train(task)) {
        int[] target = model.encodeTarget(i.target());
        int[] prompt = Answers.prompt(tokenizer, task, i, longest);
        if (target.length < longest) {
          own.add(new TokenizedExample(prompt, target, t).truncate(longest));
        }
      }
      if (validated) {
        keepApart(own);
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
            Key.of(seed).fold("mixing"));
  }

  /** Moves every tenth example to those that training is validated on; the first stays. */
  private void keepApart(List<TokenizedExample> own) {
    int i = 0;
    for (Iterator<TokenizedExample> each = own.iterator(); each.hasNext(); i++) {
      TokenizedExample example = each.next();
      if (i % 10 == 1) {
        validation.add(example);
        each.remove();
      }
    }
  }

  /** Batches of the examples kept apart, of a step's size; none where training is not validated. */
  List<PackedBatch> validation() {
    List<PackedBatch> batches = new ArrayList<>();
    int n = examplesPerStep();
    for (int from = 0; from < validation.size(); from += n) {
      batches.add(PackedBatch.of(validation.subList(from, Math.min(from + n, validation.size()))));
    }
    return batches;
  }

  /** Number of examples of a step. */
  int examplesPerStep() {
    return Math.max(1, (int) (batchTokens / meanLength));
  }

  /**
   * The batch of a step: always the same number of examples, so that a step's data follow from its
   * number.
   */
  public PackedBatch batch(long step) {
    int n = examplesPerStep();
    List<TokenizedExample> chosen = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      MixedOrder.Draw draw = order.at(step * n + i);
      chosen.add(examples.get(draw.task()).get(draw.example()));
    }
    return PackedBatch.of(chosen);
  }
}
