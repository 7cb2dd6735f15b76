package ai.kindred.federated;

import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;

/**
 * The traced kernels of an engine, one for each piece of work. Work that is made anew every round
 * is traced every round; the kernels of the least recent are dropped.
 */
final class StackKernels<E> implements AutoCloseable {
  private static final int MOST = 16;

  private final IdentityHashMap<Object, StackKernel<E, ?, ?, ?>> kernels = new IdentityHashMap<>();
  private final List<Object> order = new ArrayList<>();

  <I, R> StackKernel<E, I, List<Tensor>, R> of(OnClient<Minibatch<E>, I, R> work) {
    return known(
        work,
        () ->
            new StackKernel<E, I, List<Tensor>, R>(
                (received, memory, client) ->
                    new OnClient.Answer<>(memory, work.apply(received, client))));
  }

  <I, T, R> StackKernel<E, I, T, R> of(OnClient.Stateful<Minibatch<E>, I, T, R> work) {
    return known(work, () -> new StackKernel<>(work));
  }

  @SuppressWarnings("unchecked") // A piece of work keeps its types.
  private synchronized <K extends StackKernel<E, ?, ?, ?>> K known(Object work, Supplier<K> make) {
    StackKernel<E, ?, ?, ?> found = kernels.get(work);
    if (found != null) {
      return (K) found;
    }
    if (order.size() == MOST) {
      StackKernel<E, ?, ?, ?> dropped = kernels.remove(order.remove(0));
      if (dropped != null) {
        dropped.close();
      }
    }
    K made = make.get();
    kernels.put(work, made);
    order.add(work);
    return made;
  }

  @Override
  public synchronized void close() {
    kernels.values().forEach(StackKernel::close);
    kernels.clear();
    order.clear();
  }
}
