package ai.kindred.core.lm;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Attention;
import ai.kindred.core.nn.Block;
import ai.kindred.core.nn.GatedMlp;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.nn.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a decoder: {@code h = x + attention(norm(x))}, then {@code h + mlp(norm(h))}. Gemma2
 * and Gemma3 also norm what attention and MLP give; their norms have other names.
 *
 * @param inputLayernorm before attention
 * @param selfAttn attention
 * @param postAttentionLayernorm after attention where {@code preFeedforwardLayernorm} is given,
 *     else before the MLP
 * @param preFeedforwardLayernorm before the MLP, or null
 * @param postFeedforwardLayernorm after the MLP, or null
 * @param mlp MLP
 */
public record DecoderLayer(
    RmsNorm inputLayernorm,
    Attention selfAttn,
    RmsNorm postAttentionLayernorm,
    @Nullable RmsNorm preFeedforwardLayernorm,
    @Nullable RmsNorm postFeedforwardLayernorm,
    GatedMlp mlp)
    implements Block {

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    Tensor attended = selfAttn.apply(inputLayernorm.apply(x), pass);
    if (preFeedforwardLayernorm == null || postFeedforwardLayernorm == null) {
      Tensor h = x.add(attended);
      return h.add(mlp.apply(postAttentionLayernorm.apply(h), pass));
    }
    Tensor h = x.add(postAttentionLayernorm.apply(attended));
    Tensor made = mlp.apply(preFeedforwardLayernorm.apply(h), pass);
    return h.add(postFeedforwardLayernorm.apply(made));
  }
}
