package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;

/** The networks for Fashion-MNIST: images of 28 x 28, one channel, ten classes. */
public enum Architecture {
  /** {@link SmallCnn}, 106 thousand weights. */
  CNN,
  /** {@link Vgg}, 144 thousand weights. */
  VGG,
  /** {@link ResNet} of 8 layers, 173 thousand weights. */
  RESNET,
  /** {@link SqueezeNet}. */
  SQUEEZENET;

  private static final int CLASSES = 10;

  /** The network with weights drawn from a key. */
  public Network random(Key key) {
    return switch (this) {
      case CNN -> SmallCnn.random(key, CLASSES);
      case VGG -> Vgg.random(key, CLASSES);
      case RESNET -> ResNet.random(key, new ResNet.Sizes(1, 1, 24, 2, true, CLASSES));
      case SQUEEZENET -> SqueezeNet.random(key, CLASSES);
    };
  }

  /** Times that the training images are gone through. */
  public int epochs() {
    return switch (this) {
      case CNN -> 6;
      case VGG -> 4;
      case RESNET, SQUEEZENET -> 8;
    };
  }
}
