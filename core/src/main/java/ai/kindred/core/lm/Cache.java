package ai.kindred.core.lm;

import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of B sequences, by layer. Sequences of different lengths end at the same slot, so
 * that all write their next token to one place; each starts at a slot of its own, and what lies
 * before that is not looked at.
 *
 * @param keys of each layer, [B G, S, d]
 * @param values of each layer, [B G, S, d]
 */
record Cache(List<Tensor> keys, List<Tensor> values) {

  /**
   * A cache of packed sequences, for use inside a kernel.
   *
   * @param keys of each layer, [T, G, d]
   * @param values of each layer, [T, G, d]
   * @param starts [B + 1]
   * @param end the slot at which every sequence ends
   * @param slots S
   */
  static Cache of(List<Tensor> keys, List<Tensor> values, Tensor starts, Dim end, Dim slots) {
    return new Cache(
        keys.stream().map(k -> spread(k, starts, end, slots)).toList(),
        values.stream().map(v -> spread(v, starts, end, slots)).toList());
  }

  private static Tensor spread(Tensor packed, Tensor starts, Dim end, Dim slots) {
    Dim sequences = starts.size(0).minus(1);
    Dim groups = packed.size(1);
    Tensor cache = Tensor.full(0, packed.dtype(), sequences.times(groups), slots, packed.size(2));
    Kernel.loop(
        sequences,
        List.of(),
        (i, none) -> {
          Dim from = starts.select(0, i).toDim();
          Dim t = starts.select(0, i.plus(1)).toDim().minus(from);
          Tensor own = cache.narrow(0, i.times(groups), groups);
          own.write(1, end.minus(t), packed.narrow(0, from, t).transpose(0, 1));
          return none;
        });
    return cache;
  }

  /**
   * The cache of chosen sequences, which may repeat: continuations of one prompt share its
   * computation.
   */
  Cache select(Tensor rows, long groups) {
    Tensor all =
        rows.mul((double) groups).unsqueeze(1).add(Tensor.arange(groups).unsqueeze(0)).reshape(-1);
    List<Tensor> k = new ArrayList<>();
    List<Tensor> v = new ArrayList<>();
    keys.forEach(t -> k.add(t.indexSelect(0, all)));
    values.forEach(t -> v.add(t.indexSelect(0, all)));
    return new Cache(k, v);
  }
}
