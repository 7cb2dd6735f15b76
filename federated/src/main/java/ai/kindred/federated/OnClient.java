package ai.kindred.federated;

import java.io.Serializable;

/**
 * What runs on a client: from what the server sends to what the client sends back. Keep it in a
 * field of the algorithm: the engine traces it once for each object, and traces it again where it
 * meets a new one. What changes from round to round must come through {@code received}.
 *
 * @param <B> a batch's tree of tensors
 * @param <I> the tree that the server sends
 * @param <R> the tree that the client sends back
 */
@FunctionalInterface
public interface OnClient<B, I, R> extends Serializable {

  /** The client's answer. */
  R apply(I received, Client<B> client);

  /**
   * Work with a memory of its own on each client, such as a control variate.
   *
   * @param <T> the memory's tree
   */
  @FunctionalInterface
  interface Stateful<B, I, T, R> extends Serializable {

    /** The client's answer and its next memory. */
    Answer<T, R> apply(I received, T memory, Client<B> client);
  }

  /**
   * What a client with a memory gives.
   *
   * @param memory stays on the client
   * @param result goes to the server
   */
  record Answer<T, R>(T memory, R result) {}
}
