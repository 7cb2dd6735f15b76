package ai.kindred.federated;

import ai.kindred.core.kernel.Params;

/**
 * A federated algorithm: what the server sends, what a client does, how the model moves. One
 * readable file each; {@code FedAvg} is the shortest.
 *
 * @param <B> a batch's tree of tensors
 * @param <S> the server's state, a tree of tensors: all that the next round needs, so that a run
 *     that was stopped goes on to the same bits
 */
public interface Algorithm<B, S> {

  /** The state before the first round. */
  S start(Params initial);

  /** One round: the next state. Tensors of the last state must not be written over. */
  S round(S state, Cohort<B> cohort);

  /** The model that a state stands for. */
  Params model(S state);
}
