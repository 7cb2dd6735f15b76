package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.nn.SharedPrompt;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt and its continuations side by side as tensors, all int64. P tokens of the prompt, B
 * continuations, N tokens of continuations, T = P + N.
 *
 * @param ids [T]
 * @param positions [T] each continuation's go on where the prompt's end
 * @param prompt [1] P
 * @param starts [B + 1] where each continuation starts, and T
 * @param longest [1] P and the longest continuation's length
 * @param targets [N] the row that predicts each token of the continuations
 * @param labels [N] that token
 */
record Continuations(
    Tensor ids,
    Tensor positions,
    Tensor prompt,
    Tensor starts,
    Tensor longest,
    Tensor targets,
    Tensor labels) {

  /** The tensors of a prompt and its continuations, owned by the innermost scope. */
  static Continuations of(int[] prompt, List<int[]> continuations) {
    int p = prompt.length;
    int n = continuations.stream().mapToInt(c -> c.length).reduce(0, Math::addExact);
    int[] ids = Arrays.copyOf(prompt, Math.addExact(p, n));
    int[] positions = new int[p + n];
    int[] starts = new int[continuations.size() + 1];
    int[] targets = new int[n];
    int longest = 0;
    Arrays.setAll(positions, i -> i);
    starts[0] = p;
    for (int b = 0; b < continuations.size(); b++) {
      int[] c = continuations.get(b);
      System.arraycopy(c, 0, ids, starts[b], c.length);
      for (int i = 0; i < c.length; i++) {
        positions[starts[b] + i] = p + i;
        targets[starts[b] - p + i] = i == 0 ? p - 1 : starts[b] + i - 1;
      }
      starts[b + 1] = starts[b] + c.length;
      longest = Math.max(longest, p + c.length);
    }
    return new Continuations(
        Tensor.of(ids),
        Tensor.of(positions),
        Tensor.of(new int[] {p}),
        Tensor.of(starts),
        Tensor.of(new int[] {longest}),
        Tensor.of(targets),
        Tensor.of(Arrays.copyOfRange(ids, p, p + n)));
  }

  /** The pass of these through a model whose layers have these windows, inside a kernel. */
  Pass pass(DType activations, List<@Nullable Integer> windows) {
    return new Pass(
        positions,
        Tensor.full(0, DType.INT64, ids.size(0)),
        new SharedPrompt(prompt, starts, longest, activations, windows),
        List.of(),
        false,
        false,
        null);
  }
}
