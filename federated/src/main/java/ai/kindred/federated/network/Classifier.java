package ai.kindred.federated.network;

import ai.kindred.core.kernel.Tensor;

/** A network that gives a score to each class. A record of tensors. */
@FunctionalInterface
public interface Classifier {

  /**
   * From inputs to scores.
   *
   * @param inputs [n, ..] float32
   * @return [n, classes]
   */
  Tensor logits(Tensor inputs);
}
