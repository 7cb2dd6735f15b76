package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Layer;
import java.util.List;

/**
 * Few weights: each fire module squeezes its channels by 1 x 1 filters and expands them by 1 x 1
 * and 3 x 3 filters side by side; the classes are means of the last channels (Iandola et al., 2016,
 * arXiv:1602.07360).
 *
 * @param features convolution, fire modules, pooling
 * @param classifier 1 x 1, a channel a class
 */
public record SqueezeNet(List<Layer> features, Layer classifier) implements Network {

  /** A fire module. */
  private record Fire(Layer squeeze, Layer expand1x1, Layer expand3x3) implements Layer {

    static Fire random(Key key, long in, long squeezed, long expanded) {
      return new Fire(
          Conv2d.random(key.fold("squeeze"), in, squeezed, 1, 1, 0).withBias(),
          Conv2d.random(key.fold("expand1x1"), squeezed, expanded, 1, 1, 0).withBias(),
          Conv2d.random(key.fold("expand3x3"), squeezed, expanded, 3, 1, 1).withBias());
    }

    @Override
    public Tensor apply(Tensor x) {
      Tensor s = squeeze.apply(x).relu();
      return Tensor.cat(List.of(expand1x1.apply(s), expand3x3.apply(s)), 1).relu();
    }
  }

  /** Copies. */
  public SqueezeNet {
    features = List.copyOf(features);
  }

  /** Four fire modules, for images of 28 x 28 with one channel. */
  public static SqueezeNet random(Key key, int classes) {
    return new SqueezeNet(
        List.of(
            Conv2d.random(key.fold("conv1"), 1, 32, 3, 2, 1).withBias(),
            new Layers.Relu(),
            Fire.random(key.fold("fire1"), 32, 16, 32),
            Fire.random(key.fold("fire2"), 64, 16, 32),
            new Layers.Halved(),
            Fire.random(key.fold("fire3"), 64, 32, 64),
            Fire.random(key.fold("fire4"), 128, 32, 64)),
        Conv2d.random(key.fold("classifier"), 128, classes, 1, 1, 0).withBias());
  }

  @Override
  public Tensor logits(Tensor images) {
    return Layers.pooled(classifier.apply(Layers.apply(features, images)));
  }

  @Override
  public SqueezeNet folded() {
    return this;
  }
}
