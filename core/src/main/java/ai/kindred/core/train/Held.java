package ai.kindred.core.train;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The one holder of a value that a loop replaces: what the next value does not share is freed at
 * once, so that native memory does not grow with the steps. Tensors of the first value are the
 * caller's and are never freed here.
 */
final class Held<S> {

  private final Set<Tensor> foreign;
  private S value;

  Held(S first, Object callers) {
    this.value = first;
    this.foreign = leaves(callers);
  }

  S get() {
    return value;
  }

  void set(S next) {
    Set<Tensor> stay = leaves(next);
    stay.addAll(foreign);
    for (Tensor old : leaves(value)) {
      if (!stay.contains(old)) {
        old.close();
      }
    }
    value = next;
  }

  private static Set<Tensor> leaves(Object tree) {
    Set<Tensor> leaves = Collections.newSetFromMap(new IdentityHashMap<>());
    leaves.addAll(Tree.leaves(tree).values());
    return leaves;
  }
}
