package ai.kindred.reliability.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/** What networks share. */
final class Layers {

  private Layers() {}

  /** {@code max(x, 0)}. */
  record Relu() implements Layer {
    @Override
    public Tensor apply(Tensor x) {
      return x.relu();
    }
  }

  /** Maxima of windows of 2 x 2, side by side. */
  record Halved() implements Layer {
    @Override
    public Tensor apply(Tensor x) {
      return x.maxPool2d(2, 2, 0);
    }
  }

  static Tensor apply(List<Layer> layers, Tensor x) {
    Tensor y = x;
    for (Layer layer : layers) {
      y = layer.apply(y);
    }
    return y;
  }

  /** Images as rows. */
  static Tensor flat(Tensor x) {
    return x.reshape(x.size(0), Dim.of(-1));
  }

  /** The mean of each channel, [n, c]. */
  static Tensor pooled(Tensor x) {
    return x.mean(-1, false).mean(-1, false);
  }

  /** A convolution with the normalisation after it folded in; others as they are. */
  static Layer folded(Layer conv, Layer norm) {
    return conv instanceof Conv2d c && norm instanceof BatchNorm b ? b.folded(c) : conv;
  }

  /** What stands after {@link #folded}. */
  static Layer after(Layer norm) {
    return norm instanceof BatchNorm ? new Layer.Identity() : norm;
  }

  /** Every normalisation folded into the convolution right before it; residual blocks inside. */
  static List<Layer> folded(List<Layer> layers) {
    List<Layer> made = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      boolean normalised = i + 1 < layers.size() && layers.get(i + 1) instanceof BatchNorm;
      if (layer instanceof ResidualBlock block) {
        made.add(block.folded());
      } else if (normalised && layer instanceof Conv2d) {
        made.add(folded(layer, layers.get(i + 1)));
        made.add(new Layer.Identity());
        i++;
      } else {
        made.add(layer);
      }
    }
    return List.copyOf(made);
  }

  /** A product drawn from {@code N(0, 2 / in)}, with a bias of zeros. */
  static Dense product(Key key, long in, long out) {
    Tensor weight =
        Tensor.randn(Tensor.of(key), DType.FLOAT32, Dim.of(out), Dim.of(in))
            .mul(Math.sqrt(2.0 / in));
    return new Dense(weight, Tensor.zeros(DType.FLOAT32, out));
  }
}
