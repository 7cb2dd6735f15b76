package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Losses over rows of scores. */
public final class Losses {

  /** Rows whose scores over the vocabulary are alive at once where the output product is frozen. */
  public static final int CHUNK = 64;

  private Losses() {}

  /**
   * {@code -log softmax(logits)[label]} a row, in float32 at least: logits [N, V], labels [N]
   * int64, result [N].
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    Tensor wide = logits.dtype() == DType.FLOAT64 ? logits : logits.to(DType.FLOAT32);
    return wide.logsumexp(-1, false).sub(wide.gather(-1, labels.unsqueeze(-1)).squeeze(-1));
  }

  /**
   * Sum of cross-entropies of {@code h W^T} for a weight that is not trained, without keeping the
   * scores: a chunk of rows at a time, {@code dL/dh = (softmax(h W^T) - onehot) W} is worked out
   * beside the value, so that V scores a row never live longer than their chunk.
   *
   * @param h [N, D]
   * @param weight [V, D]
   * @param labels [N] int64
   * @param softcap scores become {@code c tanh(score / c)}; null for none
   * @return a float32 tensor without axes, whose gradient reaches h
   */
  public static Tensor frozenHeadCrossEntropy(
      Tensor h, Tensor weight, Tensor labels, @Nullable Double softcap) {
    Tensor fixed = h.detach();
    Tensor w = weight.to(h.dtype());
    Dim rows = h.size(0);
    Dim chunks = rows.plus(CHUNK - 1).over(CHUNK);
    Tensor both =
        Kernel.cat(
            chunks,
            0,
            i -> {
              Dim from = i.times(CHUNK);
              Dim n = rows.minus(from).min(Dim.of(CHUNK));
              Tensor x = fixed.narrow(0, from, n);
              Tensor label = labels.narrow(0, from, n).unsqueeze(1);
              Tensor raw = x.linear(w).to(DType.FLOAT32);
              Tensor capped = softcap == null ? raw : raw.div(softcap).tanh();
              Tensor s = softcap == null ? raw : capped.mul(softcap);
              Tensor log = s.logSoftmax(1);
              Tensor loss = log.gather(1, label).neg();
              Tensor slope =
                  log.exp().scatterAdd(1, label, Tensor.full(-1, DType.FLOAT32, n, Dim.of(1)));
              Tensor outer = softcap == null ? slope : slope.mul(capped.mul(capped).rsub(1));
              Tensor gradient = outer.to(h.dtype()).matmul(w).to(DType.FLOAT32);
              return Tensor.cat(List.of(loss, gradient), 1);
            });
    Tensor all = both.reshape(rows, h.size(1).plus(1)).detach();
    Tensor value = all.narrow(1, 0, 1).sum();
    Tensor gradient = all.narrow(1, Dim.of(1), h.size(1));
    // A linear function of h with the right slope; its own value is taken away again.
    Tensor linear = h.to(DType.FLOAT32).mul(gradient).sum();
    return value.add(linear.sub(linear.detach()));
  }
}
