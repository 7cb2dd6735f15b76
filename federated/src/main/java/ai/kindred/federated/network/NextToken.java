package ai.kindred.federated.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.train.Objective;
import ai.kindred.federated.Minibatch;
import java.util.Arrays;
import java.util.List;

/**
 * Cross-entropy of the next token under a recurrent model, and how often its first guess is right.
 *
 * @param network the template: its own parameters do not count
 * @param padding a token that is not learned and does not count, such as one that fills windows up
 */
public record NextToken(Lstm network, long padding) {

  /**
   * Windows of text.
   *
   * @param tokens [n, t + 1] int64
   */
  public record Windows(Tensor tokens) {}

  private record Scored(Tensor logits, Tensor labels, Tensor counts) {}

  private Scored scored(Params params, Tensor tokens) {
    long t = tokens.size(1).value() - 1;
    Tensor labels = tokens.narrow(1, 1, t);
    Tensor logits = Tree.with(network, params).logits(tokens.narrow(1, 0, t));
    return new Scored(logits, labels, labels.ne((double) padding).to(DType.FLOAT32));
  }

  /** The mean over a batch's tokens. */
  public Objective<Minibatch<Windows>> objective() {
    return (params, batch, key) -> {
      Scored s = scored(params, batch.examples().tokens());
      Tensor each = s.logits().logSoftmax(-1).gather(2, s.labels().unsqueeze(2)).squeeze(2).neg();
      Tensor counts = s.counts().mul(batch.weight().unsqueeze(1));
      return each.mul(counts).sum().div(counts.sum().clamp(1.0, null));
    };
  }

  /** How many tokens of each row are guessed rightly, and how many there are: [rows][2]. */
  public double[][] right(Params params, Windows pool, int[] rows) {
    record Asked(Params params, Tensor tokens, Tensor rows) {}
    try (Kernel<Asked, Tensor> kernel =
        Kernel.of(
            a -> {
              Scored s = scored(a.params(), a.tokens().indexSelect(0, a.rows()));
              Tensor hits =
                  s.logits().argmax(-1, false).eq(s.labels()).to(DType.FLOAT32).mul(s.counts());
              return Tensor.stack(List.of(hits.sum(1, false), s.counts().sum(1, false)), 1);
            })) {
      double[][] right = new double[rows.length][];
      int chunk = 100;
      for (int from = 0; from < rows.length; from += chunk) {
        int[] some = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + chunk));
        Tensor part =
            Scope.tidy(
                () -> kernel.call(new Asked(params, pool.tokens(), Tensor.of(some, some.length))));
        double[] numbers = part.toDoubles();
        part.close();
        for (int i = 0; i < some.length; i++) {
          right[from + i] = new double[] {numbers[2 * i], numbers[2 * i + 1]};
        }
      }
      return right;
    }
  }
}
