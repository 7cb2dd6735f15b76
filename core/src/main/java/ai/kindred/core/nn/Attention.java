package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Grouped-query attention with rotary positions (Ainslie et al., 2023, arXiv:2305.13245).
 *
 * @param qProj from D to H d
 * @param kProj from D to G d
 * @param vProj from D to G d
 * @param oProj from H d to D
 * @param qNorm norm of each query head, or null
 * @param kNorm norm of each key head, or null
 * @param layer which layer this is, from 0
 * @param headDim d
 * @param scores how scores are made
 * @param angles which of the pass's angles turn this layer's heads
 */
public record Attention(
    Linear qProj,
    Linear kProj,
    Linear vProj,
    Linear oProj,
    @Nullable RmsNorm qNorm,
    @Nullable RmsNorm kNorm,
    int layer,
    int headDim,
    Mixing.Scores scores,
    int angles) {

  /** From x [T, D] to [T, D]. */
  public Tensor apply(Tensor x, Pass pass) {
    List<Tensor> qkv = Part.products(x, pass, qProj, kProj, vProj);
    Tensor q = heads(qkv.get(0), qProj);
    Tensor k = heads(qkv.get(1), kProj);
    Tensor v = heads(qkv.get(2), vProj);
    Rotary.Angles turn = pass.angles().get(angles);
    q = turn.rotate(qNorm == null ? q : qNorm.apply(q));
    k = turn.rotate(kNorm == null ? k : kNorm.apply(k));
    Tensor mixed = pass.mixing().mix(layer, q, k, v, scores);
    return oProj.apply(mixed.reshape(-1, qProj.out()), pass);
  }

  private Tensor heads(Tensor y, Linear product) {
    return y.reshape(-1, product.out() / headDim, headDim);
  }
}
