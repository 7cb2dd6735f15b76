package ai.kindred.federated.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.train.Objective;
import ai.kindred.federated.Minibatch;

/**
 * Next-token loss of a language model on clients' windows of text. What is trained is what the
 * simulation starts from: with {@code Tree.params(model, Adapter.class)} only adapters travel, and
 * the frozen weights are shared by all clients.
 *
 * @param language the loss of the model that is trained
 * @param padding a token that fills windows up and is not learned
 */
public record LanguageWindows(LanguageModelObjective language, long padding) {

  /** The mean over a batch's tokens. */
  public Objective<Minibatch<NextToken.Windows>> objective() {
    return (params, batch, key) -> loss(params, batch, key);
  }

  private Tensor loss(Params params, Minibatch<NextToken.Windows> batch, Tensor key) {
    Tensor tokens = batch.examples().tokens();
    Dim rows = tokens.size(0);
    long length = tokens.size(1).value() - 1;
    Tensor labels = tokens.narrow(1, 1, length).reshape(-1);
    Tensor counts =
        labels
            .ne((double) padding)
            .to(DType.FLOAT32)
            .reshape(rows, Dim.of(length))
            .mul(batch.weight().unsqueeze(1))
            .reshape(-1);
    Tensor losses = language.losses(params, sideBySide(tokens, rows, length, labels), key);
    return losses.mul(counts).sum().div(counts.sum().clamp(1.0, null));
  }

  /** Windows of one length as a batch of examples side by side, every token a target. */
  private static TokenBatch sideBySide(Tensor tokens, Dim rows, long length, Tensor labels) {
    Dim all = rows.times(length);
    Tensor places = Tensor.arange(all);
    Tensor positions = places.remainder((double) length);
    return new TokenBatch(
        tokens.narrow(1, 0, length).reshape(-1),
        positions,
        places.sub(positions).div((double) length).to(DType.INT64),
        Tensor.arange(rows.plus(1)).mul((double) length),
        Tensor.of(new long[] {length}, 1),
        places,
        labels);
  }
}
