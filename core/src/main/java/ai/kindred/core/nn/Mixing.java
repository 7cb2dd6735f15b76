package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How the tokens of a pass see each other: the one thing that training, prefill and decoding do
 * differently.
 */
public interface Mixing {

  /**
   * Attention of one layer.
   *
   * @param layer which layer, from 0
   * @param q queries [T, H, d]
   * @param k keys [T, G, d]
   * @param v values [T, G, d]
   * @param scores how scores are made
   * @return [T, H, d]
   */
  Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores);

  /**
   * How scores are made.
   *
   * @param scale what products are multiplied by
   * @param softcap scores become {@code c tanh(score / c)} before the mask; null for none
   * @param window positions that a token sees, itself included; null for all before it
   */
  record Scores(double scale, @Nullable Double softcap, @Nullable Integer window) {

    /**
     * {@code softmax(cap(scale q k^T) + mask) v} for q [g, n, d], k and v [g, m, d] and a mask that
     * broadcasts to [g, n, m].
     */
    public Tensor attend(Tensor q, Tensor k, Tensor v, Tensor mask) {
      Tensor kT = k.transpose(-2, -1);
      Tensor s =
          softcap == null
              ? mask.baddbmm(q, kT, 1, scale)
              : q.matmul(kT).mul(scale / softcap).tanh().mul(softcap).add(mask);
      return s.softmax(-1).matmul(v);
    }
  }
}
