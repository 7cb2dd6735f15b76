package ai.kindred.federated.data;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.Partition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A data set as read: the pool of examples, not yet given out to clients.
 *
 * @param examples a tree of tensors with a first axis of examples
 * @param labels each example's class, to partition by; empty where examples have none
 * @param classes names of the classes that are predicted, in their order
 * @param natural the clients that the data come with, or null
 * @param <E> the tree of examples
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, read only, never compared.
public record FederatedData<E>(
    E examples, int[] labels, List<String> classes, @Nullable Partition natural) {

  /** Copies the names. */
  public FederatedData {
    classes = List.copyOf(classes);
  }

  /** The clients that the data come with. */
  public Optional<Partition> naturalClients() {
    return Optional.ofNullable(natural);
  }

  /** Labels as int64 [n]. */
  static Tensor tensor(int[] labels) {
    long[] wide = new long[labels.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = labels[i];
    }
    return Tensor.of(wide, wide.length);
  }
}
