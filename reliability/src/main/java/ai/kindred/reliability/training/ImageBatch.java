package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.data.ShuffledOrder;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Losses;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Batches;
import ai.kindred.reliability.network.Network;

/**
 * Images and their classes.
 *
 * @param images [n, channels, height, width] in [0, 1]
 * @param labels [n] int64
 */
record ImageBatch(Tensor images, Tensor labels) {

  static ImageBatch of(Images from, int... indices) {
    return new ImageBatch(from.floats(indices), from.labels(indices));
  }

  /** Shuffled batches of a size, round after round. */
  static Batches<ImageBatch> shuffled(Images from, int size, Key key) {
    ShuffledOrder order = new ShuffledOrder(from.size(), key.fold("order"));
    return Batches.single(step -> Batch.of(of(from, order.at(step * size, size)), size));
  }

  /** Mean cross-entropy. */
  Tensor loss(Network network) {
    return Losses.crossEntropy(network.logits(images), labels).mean();
  }
}
