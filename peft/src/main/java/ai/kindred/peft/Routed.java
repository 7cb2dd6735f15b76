package ai.kindred.peft;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Adapter;

/** An adapter that weighs experts token by token. {@link RouterStats} looks into these. */
public interface Routed extends Adapter {

  /** Weights of the experts for x [T, in]: [T, slots, experts], each slot's sum to one. */
  Tensor routing(Tensor x);

  /**
   * The LoRA that this would be if every token had the same weights.
   *
   * @param weights [slots, experts]
   */
  Lora averaged(Tensor weights);
}
