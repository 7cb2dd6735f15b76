package ai.kindred.core.lm;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Mixing;
import java.util.ArrayList;
import java.util.List;

/** Attention as another does it, each layer's keys and values kept for later tokens. */
final class Recording implements Mixing {

  private final Mixing inner;
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();

  Recording(Mixing inner) {
    this.inner = inner;
  }

  @Override
  public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
    keys.add(k);
    values.add(v);
    return inner.mix(layer, q, k, v, scores);
  }

  /** Keys of each layer, [T, G, d]. */
  List<Tensor> keys() {
    return keys;
  }

  /** Values of each layer, [T, G, d]. */
  List<Tensor> values() {
    return values;
  }
}
