package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Layer;
import java.util.List;

/**
 * {@code relu(x' + bn2(conv2(relu(bn1(conv1(x))))))}, where x' is x or its downsampled form.
 *
 * @param downsample empty where lengths and channels stay
 */
record ResidualBlock(Layer conv1, Layer bn1, Layer conv2, Layer bn2, List<Layer> downsample)
    implements Layer {

  /** Every second row and column, new channels of zeros at both sides: it has no weights. */
  record Padded(long channels) implements Layer {
    @Override
    public Tensor apply(Tensor x) {
      return x.avgPool2d(1, 2, 0).pad(0, 0, 0, 0, channels / 2, channels - channels / 2);
    }
  }

  ResidualBlock {
    downsample = List.copyOf(downsample);
  }

  /**
   * A block; one that changes channels also halves the image.
   *
   * @param projected whether it does so by a convolution, and not by padding
   */
  static ResidualBlock random(Key key, long in, long out, boolean projected) {
    long stride = in == out ? 1 : 2;
    List<Layer> shortcut =
        in == out
            ? List.of()
            : projected
                ? List.of(
                    Conv2d.random(key.fold("downsample"), in, out, 1, stride, 0), BatchNorm.of(out))
                : List.of(new Padded(out - in));
    return new ResidualBlock(
        Conv2d.random(key.fold("conv1"), in, out, 3, stride, 1),
        BatchNorm.of(out),
        Conv2d.random(key.fold("conv2"), out, out, 3, 1, 1),
        BatchNorm.of(out),
        shortcut);
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor y = bn2.apply(conv2.apply(bn1.apply(conv1.apply(x)).relu()));
    return Layers.apply(downsample, x).add(y).relu();
  }

  ResidualBlock folded() {
    return new ResidualBlock(
        Layers.folded(conv1, bn1),
        Layers.after(bn1),
        Layers.folded(conv2, bn2),
        Layers.after(bn2),
        Layers.folded(downsample));
  }
}
