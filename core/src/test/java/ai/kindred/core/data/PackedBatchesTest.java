package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.data.PackedBatches.Position;
import ai.kindred.core.data.PackedBatches.Step;
import ai.kindred.core.data.Packing.FixedExamples;
import ai.kindred.core.data.Packing.TokenBudget;
import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PackedBatchesTest {
  private static final Key KEY = Key.of(12);

  @Test
  void laysTwoExamplesEndToEnd() {
    PackedBatch batch =
        PackedBatch.of(
            List.of(
                new TokenizedExample(new int[] {10, 11, 12}, new int[] {20, 21}, 4),
                new TokenizedExample(new int[] {30}, new int[] {40}, 2)));
    assertThat(batch.ids()).containsExactly(10, 11, 12, 20, 30);
    assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 0);
    assertThat(batch.starts()).containsExactly(0, 4, 5);
    assertThat(batch.targetPositions()).containsExactly(2, 3, 4);
    assertThat(batch.targetIds()).containsExactly(20, 21, 40);
    assertThat(batch.taskOfExample()).containsExactly(4, 2);
    assertThat(batch.examples()).isEqualTo(2);
    assertThat(batch.tokens()).isEqualTo(5);
  }

  @Test
  void anEpochHoldsEveryExampleOnceAndNoTargetOfAnother() {
    List<TokenizedExample> examples = examples(537, 60);
    List<Packing> packings =
        List.of(new FixedExamples(8), new TokenBudget(128, 50), new TokenBudget(75, 10_000));
    for (Packing packing : packings) {
      List<Step> steps = PackedBatches.epoch(examples, packing, 75, KEY);
      List<String> seen = new ArrayList<>();
      for (Step step : steps) {
        seen.addAll(unpack(step.batch()));
        assertThat(step.truncated()).isZero();
        if (packing instanceof TokenBudget budget) {
          assertThat(step.batch().tokens()).isBetween(1, budget.tokens());
        }
      }
      assertThat(seen)
          .containsExactlyInAnyOrderElementsOf(
              examples.stream().map(PackedBatchesTest::describe).toList())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aBudgetFillsBatchesWithExamplesOfLikeLength() {
    List<TokenizedExample> examples = examples(2_000, 60);
    List<Step> steps = PackedBatches.epoch(examples, new TokenBudget(512, 500), 75, KEY);
    int tokens = examples.stream().mapToInt(TokenizedExample::length).sum();
    // Each of the four windows wastes at most the rest of a batch that the next did not fit.
    assertThat(steps).hasSizeLessThan((int) Math.ceil(tokens / (512.0 - 75)) + 4);
    int spread = 0;
    for (Step step : steps) {
      int[] starts = step.batch().starts();
      int shortest = Integer.MAX_VALUE;
      int longest = 0;
      for (int b = 0; b + 1 < starts.length; b++) {
        shortest = Math.min(shortest, starts[b + 1] - starts[b]);
        longest = Math.max(longest, starts[b + 1] - starts[b]);
      }
      spread += longest - shortest;
    }
    assertThat((double) spread / steps.size()).isLessThan(8);
  }

  @Test
  void resumesFromAnyPosition() {
    MixedOrder order = new MixedOrder(new int[] {40, 3}, new Mixing.Uniform(), KEY);
    List<TokenizedExample> examples = examples(43, 20);
    PackedBatches batches =
        new PackedBatches(
            position -> examples.get(order.at(position).task() * 40 + order.at(position).example()),
            new TokenBudget(64, 16),
            40,
            KEY);
    Iterator<Step> whole = batches.from(Position.START);
    Position position = Position.START;
    for (int step = 0; step < 50; step++) {
      Step expected = whole.next();
      Step resumed = batches.from(position).next();
      assertThat(resumed.batch().ids()).isEqualTo(expected.batch().ids());
      assertThat(resumed.next()).isEqualTo(expected.next());
      position = expected.next();
    }
    assertThat(position.window()).isPositive();
    assertThatThrownBy(() -> batches.from(new Position(0, 99)))
        .hasMessageMatching("window 0 has \\d+ batches, there is no batch 99");
  }

  @Test
  void cutsThePromptFromTheFrontAndTheTargetLast() {
    TokenizedExample example =
        new TokenizedExample(new int[] {1, 2, 3, 4, 5}, new int[] {6, 7, 8}, 0);
    assertThat(example.truncate(7)).isSameAs(example);
    assertThat(describe(example.truncate(5))).isEqualTo("[3, 4, 5] -> [6, 7, 8] of 0");
    assertThat(describe(example.truncate(3))).isEqualTo("[5] -> [6, 7, 8] of 0");
    assertThat(describe(example.truncate(2))).isEqualTo("[5] -> [6, 7] of 0");
    assertThat(describe(example.truncate(1))).isEqualTo("[5] -> [6] of 0");

    List<TokenizedExample> examples = examples(300, 60);
    long tooLong = examples.stream().filter(e -> e.length() > 30).count();
    List<Step> steps = PackedBatches.epoch(examples, new TokenBudget(64, 100), 30, KEY);
    assertThat(tooLong).isPositive();
    assertThat(steps.stream().mapToInt(Step::truncated).sum()).isEqualTo((int) tooLong);
  }

  @Test
  void sameKeySameBatches() {
    List<TokenizedExample> examples = examples(100, 30);
    TokenBudget packing = new TokenBudget(100, 30);
    assertThat(ids(PackedBatches.epoch(examples, packing, 50, KEY)))
        .isEqualTo(ids(PackedBatches.epoch(examples, packing, 50, KEY)))
        .isNotEqualTo(ids(PackedBatches.epoch(examples, packing, 50, KEY.fold(1))));
  }

  @Test
  void refusesWhatCannotBePacked() {
    assertThatThrownBy(() -> new TokenizedExample(new int[0], new int[1], 3))
        .hasMessage(
            "an example needs prompt and target ids: 0 prompt, 1 target ids in an example of task"
                + " 3");
    assertThatThrownBy(() -> PackedBatches.epoch(examples(3, 5), new TokenBudget(10, 5), 20, KEY))
        .hasMessage(
            "a token budget of 10 is less than the context of 20: an example might not fit");
    assertThatThrownBy(() -> new TokenBudget(10, 5).arrange(new int[] {4, 11}, KEY))
        .hasMessage("an example of 11 tokens does not fit a budget of 10");
    assertThatThrownBy(() -> new FixedExamples(0))
        .hasMessage("a batch has 1 or more examples, not 0");
    assertThatThrownBy(() -> PackedBatch.of(List.of()))
        .hasMessage("a packed batch needs at least one example");
  }

  /** Reads each example back from the batch alone; prompts hold ids below 1000, targets above. */
  private static List<String> unpack(PackedBatch batch) {
    List<String> result = new ArrayList<>();
    int target = 0;
    for (int b = 0; b < batch.examples(); b++) {
      int start = batch.starts()[b];
      int end = batch.starts()[b + 1];
      List<Integer> targets = new ArrayList<>();
      int prompts = batch.targetPositions()[target] + 1 - start;
      while (target < batch.targetIds().length && batch.targetPositions()[target] < end) {
        int position = batch.targetPositions()[target];
        assertThat(position).isEqualTo(start + prompts - 1 + targets.size());
        if (position + 1 < end) {
          assertThat(batch.ids()[position + 1]).isEqualTo(batch.targetIds()[target]);
        }
        targets.add(batch.targetIds()[target++]);
      }
      for (int i = start; i < end; i++) {
        assertThat(batch.positions()[i]).isEqualTo(i - start);
      }
      String prompt = Arrays.toString(Arrays.copyOfRange(batch.ids(), start, start + prompts));
      result.add(prompt + " -> " + targets + " of " + batch.taskOfExample()[b]);
    }
    assertThat(target).isEqualTo(batch.targetIds().length);
    return result;
  }

  private static String describe(TokenizedExample example) {
    return Arrays.toString(example.prompt())
        + " -> "
        + Arrays.toString(example.target())
        + " of "
        + example.task();
  }

  private static List<TokenizedExample> examples(int count, int longestPrompt) {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SplittableRandom random = KEY.fold("example").fold(i).random();
      int[] prompt = random.ints(1 + random.nextInt(longestPrompt), 0, 1000).toArray();
      int[] target = random.ints(1 + random.nextInt(16), 1000, 2000).toArray();
      prompt[0] = i;
      examples.add(new TokenizedExample(prompt, target, i));
    }
    return examples;
  }

  private static List<List<Integer>> ids(List<Step> steps) {
    return steps.stream().map(step -> Arrays.stream(step.batch().ids()).boxed().toList()).toList();
  }
}
