package ai.kindred.core.data;

import java.util.List;

/**
 * Several examples side by side without padding. T positions, B examples, N targets.
 *
 * @param ids [T] token ids, example after example
 * @param positions [T] place of each id in its own example, from 0
 * @param starts [B + 1] where each example starts in {@code ids}, and T at the end: attention must
 *     not cross these
 * @param targetPositions [N] index in {@code ids} of the position whose next token is predicted,
 *     rising; one that counts n times stands there n times
 * @param targetIds [N] the token to predict there
 * @param taskOfExample [B] task of each example
 */
@SuppressWarnings("ArrayRecordComponent") // goes to kernels as arrays; nobody compares batches
public record PackedBatch(
    int[] ids,
    int[] positions,
    int[] starts,
    int[] targetPositions,
    int[] targetIds,
    int[] taskOfExample) {

  /** Packs examples in the order given, whole. */
  public static PackedBatch of(List<TokenizedExample> examples) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("a packed batch needs at least one example");
    }
    int tokens = examples.stream().mapToInt(TokenizedExample::length).reduce(0, Math::addExact);
    int targets = examples.stream().mapToInt(example -> example.target().length).sum();
    PackedBatch batch =
        new PackedBatch(
            new int[tokens],
            new int[tokens],
            new int[examples.size() + 1],
            new int[targets],
            new int[targets],
            new int[examples.size()]);
    int target = 0;
    for (int b = 0; b < examples.size(); b++) {
      TokenizedExample example = examples.get(b);
      batch.add(example, b, target);
      target += example.target().length;
    }
    return batch;
  }

  /** Number of examples, B. */
  public int examples() {
    return taskOfExample.length;
  }

  /** Number of positions, T. */
  public int tokens() {
    return ids.length;
  }

  private void add(TokenizedExample example, int index, int firstTarget) {
    int start = starts[index];
    int prompts = example.prompt().length;
    int targets = example.target().length;
    System.arraycopy(example.prompt(), 0, ids, start, prompts);
    System.arraycopy(example.target(), 0, ids, start + prompts, targets - 1);
    System.arraycopy(example.target(), 0, targetIds, firstTarget, targets);
    for (int i = 0; i < example.length(); i++) {
      positions[start + i] = i;
    }
    for (int k = 0; k < targets; k++) {
      targetPositions[firstTarget + k] = start + prompts - 1 + k;
    }
    taskOfExample[index] = example.task();
    starts[index + 1] = start + example.length();
  }
}
