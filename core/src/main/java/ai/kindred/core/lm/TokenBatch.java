package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Packed;
import ai.kindred.core.nn.Pass;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PackedBatch} as tensors, all int64.
 *
 * @param ids [T]
 * @param positions [T]
 * @param example [T] which example each token belongs to
 * @param starts [B + 1]
 * @param longest [1] length of the longest example
 * @param targets [N] rows whose next token is predicted
 * @param labels [N] that token
 */
public record TokenBatch(
    Tensor ids,
    Tensor positions,
    Tensor example,
    Tensor starts,
    Tensor longest,
    Tensor targets,
    Tensor labels) {

  /** The tensors of a batch, owned by the innermost scope. */
  public static TokenBatch of(PackedBatch batch) {
    int[] example = new int[batch.tokens()];
    int longest = 0;
    for (int b = 0; b < batch.examples(); b++) {
      int from = batch.starts()[b];
      int to = batch.starts()[b + 1];
      Arrays.fill(example, from, to, b);
      longest = Math.max(longest, to - from);
    }
    return new TokenBatch(
        Tensor.of(batch.ids()),
        Tensor.of(batch.positions()),
        Tensor.of(example),
        Tensor.of(batch.starts()),
        Tensor.of(new int[] {longest}),
        Tensor.of(batch.targetPositions()),
        Tensor.of(batch.targetIds()));
  }

  /**
   * The pass of this batch through a model whose layers have these windows, for use inside a
   * kernel.
   */
  Pass pass(
      DType activations,
      List<@Nullable Integer> windows,
      boolean training,
      boolean recompute,
      @Nullable Tensor key) {
    return new Pass(
        positions,
        example,
        new Packed(starts, longest, activations, windows),
        List.of(),
        training,
        recompute,
        key);
  }
}
