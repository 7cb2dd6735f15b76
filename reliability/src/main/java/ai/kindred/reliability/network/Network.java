package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Tensor;

/** A network that sorts images into classes: a tree whose parts are layers. */
public interface Network {

  /** Scores [n, classes] of images [n, channels, height, width]. */
  Tensor logits(Tensor images);

  /**
   * The same function with each batch normalisation folded into the convolution before it: all
   * weights are then those of convolutions and products.
   */
  Network folded();
}
