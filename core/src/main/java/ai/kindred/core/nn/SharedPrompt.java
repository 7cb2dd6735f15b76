package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of several continuations to one prompt, which lies before them and is computed
 * once: each continuation sees the prompt and itself.
 */
public final class SharedPrompt implements Mixing {

  private final Dim prompt;
  private final Tensor starts;
  private final Packed.Masks masks;

  /**
   * Attention for one pass.
   *
   * @param prompt one int64, the prompt's length P, at least 1
   * @param starts [B + 1] int64, where each continuation starts (the first at P), and T
   * @param longest one int64, P and the length of the longest continuation
   * @param dtype of the activations
   * @param windows the windows that layers have, null for none
   */
  public SharedPrompt(
      Tensor prompt, Tensor starts, Tensor longest, DType dtype, List<@Nullable Integer> windows) {
    this.prompt = prompt.toDim();
    this.starts = starts;
    this.masks = new Packed.Masks(longest.toDim(), dtype, windows);
  }

  @Override
  public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
    Tensor mask = masks.get(scores.window());
    Dim none = Dim.of(0);
    Tensor promptKeys = k.narrow(0, none, prompt);
    Tensor promptValues = v.narrow(0, none, prompt);
    Tensor first =
        Packed.attend(
            scores,
            q.narrow(0, none, prompt),
            promptKeys,
            promptValues,
            mask.narrow(0, none, prompt).narrow(1, none, prompt));
    Tensor rest =
        Kernel.cat(
            starts.size(0).minus(1),
            0,
            i -> {
              Dim from = starts.select(0, i).toDim();
              Dim t = starts.select(0, i.plus(1)).toDim().minus(from);
              return Packed.attend(
                  scores,
                  q.narrow(0, from, t),
                  Tensor.cat(List.of(promptKeys, k.narrow(0, from, t)), 0),
                  Tensor.cat(List.of(promptValues, v.narrow(0, from, t)), 0),
                  mask.narrow(0, prompt, t).narrow(1, none, prompt.plus(t)));
            });
    Dim continued = q.size(0).minus(prompt);
    return Tensor.cat(List.of(first, rest.reshape(continued, q.size(1), q.size(2))), 0)
        .reshape(q.size(0), q.size(1), q.size(2));
  }
}
