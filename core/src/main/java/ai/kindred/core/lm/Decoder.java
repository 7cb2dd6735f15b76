package ai.kindred.core.lm;

import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Block;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Pass;
import ai.kindred.core.nn.RmsNorm;
import ai.kindred.core.nn.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * Embedding, layers and last norm: everything of a language model but its scores.
 *
 * @param embedTokens from ids to rows
 * @param layers the stack
 * @param norm after the last layer
 * @param rotaries the rotary embeddings that layers choose from
 * @param embeddingScale what rows are multiplied by: 1 but in Gemma
 */
public record Decoder(
    Embedding embedTokens,
    List<Block> layers,
    RmsNorm norm,
    List<Rotary> rotaries,
    double embeddingScale) {

  /** Hidden states after the last norm, [T, D], of ids [T]. */
  public Tensor apply(Tensor ids, Pass pass) {
    return norm.apply(states(ids, pass, false).get(0));
  }

  /**
   * The hidden states that enter each layer, then the normed last one: layers + 1 tensors [T, D].
   */
  public List<Tensor> hiddenStates(Tensor ids, Pass pass) {
    List<Tensor> states = new ArrayList<>(states(ids, pass, true));
    states.set(states.size() - 1, norm.apply(states.get(states.size() - 1)));
    return states;
  }

  private List<Tensor> states(Tensor ids, Pass pass, boolean all) {
    Tensor rows = embedTokens.apply(ids, pass);
    Tensor x = embeddingScale == 1 ? rows : rows.mul(Tensor.scalar(embeddingScale, rows.dtype()));
    Pass turned =
        pass.withAngles(rotaries.stream().map(r -> r.at(pass.positions(), rows.dtype())).toList());
    List<Tensor> states = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      if (all) {
        states.add(x);
      }
      Block layer = layers.get(i);
      Tensor in = x;
      x =
          Kernel.named(
              "model.layers." + i,
              () ->
                  pass.recompute()
                      ? Kernel.checkpoint(() -> layer.apply(in, turned))
                      : layer.apply(in, turned));
    }
    states.add(x);
    return states;
  }
}
