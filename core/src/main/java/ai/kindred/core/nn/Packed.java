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

  private final Tensor starts;
  private final Masks masks;

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
    this.masks = new Masks(longest.toDim(), dtype, windows);
  }

  /** Causal masks [length, length] by window: 0 where the row may see the column, else -inf. */
  static final class Masks {

    private static final int EVERYTHING = 0;

    private final Map<Integer, Tensor> masks = new HashMap<>();

    Masks(Dim length, DType dtype, List<@Nullable Integer> windows) {
      for (Integer window : windows) {
        masks.computeIfAbsent(key(window), w -> mask(length, w, dtype));
      }
    }

    Tensor get(@Nullable Integer window) {
      Tensor mask = masks.get(key(window));
      if (mask == null) {
        throw new IllegalArgumentException("no mask was made for a window of " + window);
      }
      return mask;
    }

    private static int key(@Nullable Integer window) {
      return window == null ? EVERYTHING : window;
    }

    private static Tensor mask(Dim length, int window, DType dtype) {
      Tensor place = Tensor.arange(length);
      Tensor ahead = place.unsqueeze(1).sub(place.unsqueeze(0));
      Tensor seen = ahead.ge(0);
      if (window != EVERYTHING) {
        seen = seen.logicalAnd(ahead.lt(window));
      }
      return Tensor.where(seen, Tensor.full(0, dtype, length, length), Double.NEGATIVE_INFINITY);
    }
  }

  @Override
  public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
    Tensor mask = masks.get(scores.window());
    Tensor mixed =
        Kernel.cat(
            starts.size(0).minus(1),
            0,
            i -> {
              Dim from = starts.select(0, i).toDim();
              Dim t = starts.select(0, i.plus(1)).toDim().minus(from);
              return attend(
                  scores,
                  q.narrow(0, from, t),
                  k.narrow(0, from, t),
                  v.narrow(0, from, t),
                  mask.narrow(0, Dim.of(0), t).narrow(1, Dim.of(0), t));
            });
    return mixed.reshape(q.size(0), q.size(1), q.size(2));
  }

  /**
   * One example's attention: q [t, H, d] to k and v [m, G, d] under a mask [t, m]. Heads that share
   * keys are folded into the rows: [G, R t, d] against [G, m, d].
   */
  static Tensor attend(Scores scores, Tensor q, Tensor k, Tensor v, Tensor mask) {
    Dim t = q.size(0);
    Dim heads = q.size(1);
    Dim groups = k.size(1);
    Dim width = q.size(2);
    Dim shared = heads.over(groups);
    Tensor folded =
        q.reshape(t, groups, shared, width)
            .permute(1, 2, 0, 3)
            .reshape(groups, shared.times(t), width);
    Tensor m = mask.unsqueeze(0).expand(shared, t, k.size(0)).reshape(shared.times(t), k.size(0));
    return scores
        .attend(folded, k.transpose(0, 1), v.transpose(0, 1), m)
        .reshape(groups, shared, t, width)
        .permute(2, 0, 1, 3)
        .reshape(t, heads, width);
  }
}
