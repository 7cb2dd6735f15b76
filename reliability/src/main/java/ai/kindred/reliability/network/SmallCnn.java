package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Layer;

/**
 * Two convolutions and two products, for images of 28 x 28 with one channel: a LeNet with rectified
 * units.
 *
 * @param conv1 3 x 3, to 16 channels
 * @param conv2 3 x 3, to 32 channels
 * @param fc1 to 64
 * @param fc2 to the classes
 */
public record SmallCnn(Layer conv1, Layer conv2, Layer fc1, Layer fc2) implements Network {

  /** With weights drawn from a key. */
  public static SmallCnn random(Key key, int classes) {
    return new SmallCnn(
        Conv2d.random(key.fold("conv1"), 1, 16, 3, 1, 1).withBias(),
        Conv2d.random(key.fold("conv2"), 16, 32, 3, 1, 1).withBias(),
        Layers.product(key.fold("fc1"), 32 * 7 * 7, 64),
        Layers.product(key.fold("fc2"), 64, classes));
  }

  @Override
  public Tensor logits(Tensor images) {
    Tensor x = conv1.apply(images).relu().maxPool2d(2, 2, 0); // [n, 16, 14, 14]
    x = conv2.apply(x).relu().maxPool2d(2, 2, 0); // [n, 32, 7, 7]
    return fc2.apply(fc1.apply(Layers.flat(x)).relu());
  }

  @Override
  public SmallCnn folded() {
    return this;
  }
}
