package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention within each of several examples that lie side by side, without padding. Written
 * out an example: fused attention falls to slow paths for bfloat16 on CPUs, and one mask over all
 * tokens would waste most of its work.
 */
public final class Packed implements Mixing {

  private static final int EVERYTHING = 0;

  private final Tensor starts;
  private final Map<Integer, Tensor> masks = new HashMap<>();

  /**
   * Attention for one pass.
   *
   * @param starts [B + 1] int64, where each example starts, and T
   * @param longest one int64, the length of the longest example
   * @param dtype of the activations
   * @param windows the windows that layers have, null for none
   */
  public Packed(Tensor starts, Tensor longest, DType dtype, List<@Nullable Integer> windows) {
    this.starts = starts;
    Dim length = longest.toDim();
    for (Integer window : windows) {
      masks.computeIfAbsent(key(window), w -> mask(length, w, dtype));
    }
  }

  private static int key(@Nullable Integer window) {
    return window == null ? EVERYTHING : window;
  }

  /** [length, length]: 0 where the row may see the column, minus infinity elsewhere. */
  private static Tensor mask(Dim length, int window, DType dtype) {
    Tensor place = Tensor.arange(length);
    Tensor ahead = place.unsqueeze(1).sub(place.unsqueeze(0));
    Tensor seen = ahead.ge(0);
    if (window != EVERYTHING) {
      seen = seen.logicalAnd(ahead.lt(window));
    }
    return Tensor.where(seen, Tensor.full(0, dtype, length, length), Double.NEGATIVE_INFINITY);
  }

  @Override
  public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
    Tensor mask = masks.get(key(scores.window()));
    if (mask == null) {
      throw new IllegalArgumentException("no mask was made for a window of " + scores.window());
    }
    Dim heads = q.size(1);
    Dim groups = k.size(1);
    Dim width = q.size(2);
    Dim shared = heads.over(groups);
    Tensor mixed =
        Kernel.cat(
            starts.size(0).minus(1),
            0,
            i -> {
              Dim from = starts.select(0, i).toDim();
              Dim t = starts.select(0, i.plus(1)).toDim().minus(from);
              // Heads that share keys are folded into the rows: [G, R t, d] against [G, t, d].
              Tensor qi =
                  q.narrow(0, from, t)
                      .reshape(t, groups, shared, width)
                      .permute(1, 2, 0, 3)
                      .reshape(groups, shared.times(t), width);
              Tensor ki = k.narrow(0, from, t).transpose(0, 1);
              Tensor vi = v.narrow(0, from, t).transpose(0, 1);
              Tensor m =
                  mask.narrow(0, Dim.of(0), t)
                      .narrow(1, Dim.of(0), t)
                      .unsqueeze(0)
                      .expand(shared, t, t)
                      .reshape(shared.times(t), t);
              return scores
                  .attend(qi, ki, vi, m)
                  .reshape(groups, shared, t, width)
                  .permute(2, 0, 1, 3)
                  .reshape(t, heads, width);
            });
    return mixed.reshape(q.size(0), heads, width);
  }
}
