package ai.kindred.core.kernel;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The one owner of a state that is replaced again and again: parameters and moments in training, a
 * cache in decoding. What the next state does not share with the last is freed at once.
 *
 * <pre>{@code
 * try (Held<State> held = Held.of(first)) {
 *   for (Batch batch : batches) {
 *     held.set(step.call(new Step(held.get(), batch)));
 *   }
 * }
 * }</pre>
 *
 * <p>The state's tensors are taken over from whoever owned them; parts that others own too, such as
 * frozen weights, do not belong in the state. Not for use by several threads at once.
 *
 * @param <S> the state's tree
 */
public final class Held<S> implements AutoCloseable {

  private final Scope owner = Scope.detached();
  private S state;
  private boolean closed;

  private Held(S state) {
    this.state = state;
    owner.adopt(state);
  }

  /** The owner of a first state. */
  public static <S> Held<S> of(S first) {
    return new Held<>(first);
  }

  /**
   * The present state, valid until the next {@link #set}.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public S get() {
    requireOpen();
    return state;
  }

  /** Replaces the state and frees the leaves of the last that are not leaves of the next. */
  public void set(S next) {
    requireOpen();
    owner.adopt(next);
    Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    Tree.forEach(next, kept::add);
    S last = state;
    state = next;
    Tree.forEach(
        last,
        t -> {
          if (!kept.contains(t)) {
            t.close();
          }
        });
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the state was freed with its holder");
    }
  }

  /** Frees the state; closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    owner.close();
  }
}
