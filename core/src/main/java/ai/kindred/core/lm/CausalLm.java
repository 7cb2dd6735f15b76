package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Losses;
import ai.kindred.core.nn.Pass;
import org.jspecify.annotations.Nullable;

/**
 * A decoder with a score for each next token. Its leaves have the names of Hugging Face
 * checkpoints.
 *
 * @param model the decoder
 * @param lmHead from hidden states to scores; null where the embedding table serves
 * @param finalSoftcap scores become {@code c tanh(score / c)}; null for none
 */
public record CausalLm(Decoder model, @Nullable Linear lmHead, @Nullable Double finalSoftcap) {

  /** Hidden states [T, D] of ids [T]. */
  public Tensor hidden(Tensor ids, Pass pass) {
    return model.apply(ids, pass);
  }

  /** Scores [N, V] of hidden states [N, D], float32 at least. */
  public Tensor logits(Tensor hidden, Pass pass) {
    Tensor scores =
        lmHead == null ? hidden.linear(model.embedTokens().weight()) : lmHead.apply(hidden, pass);
    Tensor wide = scores.dtype() == DType.FLOAT64 ? scores : scores.to(DType.FLOAT32);
    return finalSoftcap == null ? wide : wide.div(finalSoftcap).tanh().mul(finalSoftcap);
  }

  /** Negative log-likelihood [N] of labels [N] at hidden states [N, D]. */
  public Tensor negativeLogLikelihood(Tensor hidden, Tensor labels, Pass pass) {
    return Losses.crossEntropy(logits(hidden, pass), labels);
  }

  /**
   * Sum of negative log-likelihoods whose gradient reaches the hidden states but not the output
   * product: less memory where that product is not trained.
   */
  public Tensor frozenHeadLoss(Tensor hidden, Tensor labels, Pass pass) {
    Tensor weight = headWeight(hidden.dtype());
    return weight == null
        ? negativeLogLikelihood(hidden, labels, pass).sum()
        : Losses.frozenHeadCrossEntropy(hidden, weight, labels, finalSoftcap);
  }

  /** The output product's matrix, where it is nothing but that. */
  private @Nullable Tensor headWeight(DType dtype) {
    if (lmHead == null) {
      return model.embedTokens().weight();
    }
    if (lmHead instanceof Dense dense && dense.bias() == null) {
      return dense.weight();
    }
    return lmHead instanceof Int8 int8 && int8.bias() == null ? int8.dequantised(dtype) : null;
  }
}
