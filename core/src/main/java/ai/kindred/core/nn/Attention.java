package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
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
    Tensor q = qProj.apply(x, pass).reshape(-1, qProj.out() / headDim, headDim);
    Tensor k = kProj.apply(x, pass).reshape(-1, kProj.out() / headDim, headDim);
    Tensor v = vProj.apply(x, pass).reshape(-1, vProj.out() / headDim, headDim);
    Rotary.Angles turn = pass.angles().get(angles);
    q = turn.rotate(qNorm == null ? q : qNorm.apply(q));
    k = turn.rotate(kNorm == null ? k : kNorm.apply(k));
    Tensor mixed = pass.mixing().mix(layer, q, k, v, scores);
    return oProj.apply(mixed.reshape(-1, qProj.out()), pass);
  }
}
