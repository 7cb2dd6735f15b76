package org.example;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.Init;
import ai.kindred.peft.Router;
import ai.kindred.peft.Targets;

/**
 * Sparse ranks, after SMoRA (Zhao et al., 2025, arXiv:2501.15103): every rank of one LoRA is an
 * expert, and a token runs its {@code router.topK()} best.
 *
 * <pre>y = x W + scale * (R(x) * (x A^T)) B^T</pre>
 *
 * @param base W, [out, in]
 * @param loraA A, [r, in]
 * @param loraB B, [out, r]
 * @param router scores ranks, [r, in]
 */
public record SparseRanks(Linear base, Tensor loraA, Tensor loraB, Router router, double scale)
    implements Adapter {

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    Tensor weights = router.weights(x).squeeze(1); // [T, r]
    return x.linear(loraA).mul(weights).mul(scale).linear(loraB);
  }

  /** How sparse ranks are put into a model. */
  public record Config(int rank, int active, double scale, Targets targets)
      implements AdapterConfig {

    @Override
    public SparseRanks adapt(String path, Linear base, Init init) {
      Tensor gate = init.kaimingUniform("router", rank, base.in());
      return new SparseRanks(
          base,
          init.kaimingUniform("lora_A", rank, base.in()),
          init.zeros(base.out(), rank),
          new Router(gate, null, rank, 1, active),
          scale);
    }
  }
}
