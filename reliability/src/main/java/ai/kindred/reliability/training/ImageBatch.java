package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.data.ShuffledOrder;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Losses;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Batches;
import ai.kindred.reliability.network.Network;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

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

  /** The same, each image mirrored or not. */
  static Batches<ImageBatch> mirrored(Images from, int size, Key key) {
    Batches<ImageBatch> plain = shuffled(from, size, key);
    return Batches.single(
        step -> {
          ImageBatch batch = plain.at(step).get(0).tensors();
          SplittableRandom random = key.fold("mirror").fold(step).random();
          long[] mirrors = LongStream.generate(() -> random.nextInt(2)).limit(size).toArray();
          Tensor mirror = Tensor.of(mirrors, size, 1, 1, 1).to(DType.BOOL);
          Tensor images = Tensor.where(mirror, batch.images().flip(-1), batch.images());
          return Batch.of(new ImageBatch(images, batch.labels()), size);
        });
  }

  /** Mean cross-entropy. */
  Tensor loss(Network network) {
    return Losses.crossEntropy(network.logits(images), labels).mean();
  }
}
