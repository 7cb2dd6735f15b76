package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Mixing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attention of one new token a sequence to what a cache holds, and to itself. */
final class Cached implements Mixing {

  private static final int EVERYTHING = 0;

  /** Up to so many rows of keys fused attention is faster, from there on three steps are. */
  private static final long FEW_ROWS = 12;

  private final Cache cache;
  private final Dim slot;
  private final Map<Integer, Tensor> masks = new HashMap<>();

  /**
   * Attention for one step.
   *
   * @param cache is written to
   * @param slot where the new tokens go
   * @param first [B] the slot at which each sequence starts
   */
  Cached(
      Cache cache,
      Dim slot,
      Tensor first,
      DType dtype,
      long groups,
      List<@Nullable Integer> windows) {
    this.cache = cache;
    this.slot = slot;
    Dim length = slot.plus(1);
    Tensor place = Tensor.arange(length).unsqueeze(0);
    Tensor held = place.ge(first.unsqueeze(1));
    for (Integer window : windows) {
      Tensor seen =
          window == null ? held : held.logicalAnd(Tensor.arange(length).flip(0).lt(window));
      Tensor mask =
          Tensor.where(
              seen, Tensor.full(0, dtype, first.size(0), length), Double.NEGATIVE_INFINITY);
      masks.put(
          window == null ? EVERYTHING : window, mask.repeatInterleave(groups, 0).unsqueeze(1));
    }
  }

  @Override
  public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
    Dim rows = q.size(0).times(k.size(1));
    Dim width = q.size(2);
    Tensor keys = cache.keys().get(layer);
    Tensor values = cache.values().get(layer);
    keys.write(1, slot, k.reshape(rows, Dim.of(1), width));
    values.write(1, slot, v.reshape(rows, Dim.of(1), width));
    Dim length = slot.plus(1);
    Tensor mask = masks.get(scores.window() == null ? EVERYTHING : scores.window());
    if (mask == null) {
      throw new IllegalArgumentException("no mask was made for a window of " + scores.window());
    }
    Tensor query = q.reshape(rows, q.size(1).over(k.size(1)), width);
    Tensor held = keys.narrow(1, Dim.of(0), length);
    Tensor given = values.narrow(1, Dim.of(0), length);
    Tensor mixed =
        scores.softcap() == null && !rows.isAtLeast(FEW_ROWS)
            ? query
                .unsqueeze(1)
                .attend(held.unsqueeze(1), given.unsqueeze(1), mask.unsqueeze(1), scores.scale())
            : scores.attend(query, held, given, mask);
    return mixed.reshape(q.size(0), q.size(1), width);
  }
}
