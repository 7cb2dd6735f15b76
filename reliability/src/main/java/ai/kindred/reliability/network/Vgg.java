package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * Stages of 3 x 3 convolutions that each end in halving the image, then products (Simonyan and
 * Zisserman, 2015, arXiv:1409.1556), normalised by batch.
 *
 * @param features convolutions, normalisations, rectifiers, pooling
 * @param classifier products with a rectifier between them
 */
public record Vgg(List<Layer> features, List<Layer> classifier) implements Network {

  /** Copies. */
  public Vgg {
    features = List.copyOf(features);
    classifier = List.copyOf(classifier);
  }

  /** Five convolutions in three stages, for images of 28 x 28 with one channel. */
  public static Vgg random(Key key, int classes) {
    int[][] stages = {{16}, {32, 32}, {64, 64}};
    List<Layer> features = new ArrayList<>();
    int in = 1;
    for (int[] stage : stages) {
      for (int out : stage) {
        features.add(Conv2d.random(key.fold("conv").fold(features.size()), in, out, 3, 1, 1));
        features.add(BatchNorm.of(out));
        features.add(new Layers.Relu());
        in = out;
      }
      features.add(new Layers.Halved());
    }
    List<Layer> classifier =
        List.of(
            Layers.product(key.fold("fc1"), 64 * 3 * 3, 128),
            new Layers.Relu(),
            Layers.product(key.fold("fc2"), 128, classes));
    return new Vgg(features, classifier);
  }

  @Override
  public Tensor logits(Tensor images) {
    return Layers.apply(classifier, Layers.flat(Layers.apply(features, images)));
  }

  @Override
  public Vgg folded() {
    return new Vgg(Layers.folded(features), classifier);
  }
}
