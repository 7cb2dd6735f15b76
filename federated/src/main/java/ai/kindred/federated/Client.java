package ai.kindred.federated;

import ai.kindred.core.kernel.Tensor;

/**
 * One client in a round, as an algorithm sees it. What is written against it is traced once and
 * then runs for many clients in one native call, so it must not look at numbers: how many steps a
 * client takes is a tensor.
 *
 * @param <B> a batch's tree of tensors
 */
public interface Client<B> {

  /** One local step. */
  @FunctionalInterface
  interface Step<C, B> {

    /**
     * Takes the step.
     *
     * @param carry what the step before left
     * @param batch the step's examples
     * @param key one int64 element that everything random in this step is drawn from
     */
    C apply(C carry, B batch, Tensor key);
  }

  /**
   * Goes through the batches of this round's local training.
   *
   * @param start a tree; every step keeps its types and shapes
   */
  <C> C fold(C start, Step<C, B> step);

  /**
   * Goes through the batches of the first pass over the client's examples, as far as the round's
   * local training goes: every example once where it trains for an epoch or more.
   */
  <C> C pass(C start, Step<C, B> step);

  /** Number of local steps, a float32 tensor without axes, at least 1. */
  Tensor steps();

  /** Number of the client's examples, a float32 tensor without axes. */
  Tensor examples();

  /**
   * Reports a number about this client, such as its loss; the engine collects it for the round's
   * record.
   *
   * @param value one element
   */
  void report(String name, Tensor value);
}
