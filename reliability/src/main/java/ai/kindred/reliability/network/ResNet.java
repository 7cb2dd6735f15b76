package ai.kindred.reliability.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A residual network in its form for small images: three stages of blocks, the second and third
 * with half the lengths and twice the channels (He et al., 2016, arXiv:1512.03385, section 4.2).
 * With n blocks a stage it has 6n + 2 layers with weights. Leaves are called as in PyTorch's.
 *
 * @param conv1 3 x 3
 * @param layer1 first stage
 * @param layer2 second stage
 * @param layer3 third stage
 * @param fc from means of the channels to the classes
 */
public record ResNet(
    Layer conv1, Layer bn1, List<Layer> layer1, List<Layer> layer2, List<Layer> layer3, Layer fc)
    implements Network {

  /** Copies. */
  public ResNet {
    layer1 = List.copyOf(layer1);
    layer2 = List.copyOf(layer2);
    layer3 = List.copyOf(layer3);
  }

  /**
   * The sizes of a network.
   *
   * @param blocks blocks a stage
   * @param channels of the images
   * @param width channels of the first stage
   * @param stride step of the first convolution
   * @param projected whether blocks change channels by a convolution, and not by padding
   * @param classes number of classes
   */
  public record Sizes(
      int blocks, int channels, int width, int stride, boolean projected, int classes) {}

  /** With weights drawn from a key. */
  public static ResNet random(Key key, Sizes sizes) {
    long width = sizes.width();
    return new ResNet(
        Conv2d.random(key.fold("conv1"), sizes.channels(), width, 3, sizes.stride(), 1),
        BatchNorm.of(width),
        stage(key.fold("layer1"), width, width, sizes),
        stage(key.fold("layer2"), width, 2 * width, sizes),
        stage(key.fold("layer3"), 2 * width, 4 * width, sizes),
        Layers.product(key.fold("fc"), 4 * width, sizes.classes()));
  }

  private static List<Layer> stage(Key key, long in, long out, Sizes sizes) {
    List<Layer> blocks = new ArrayList<>();
    for (int i = 0; i < sizes.blocks(); i++) {
      blocks.add(ResidualBlock.random(key.fold(i), i == 0 ? in : out, out, sizes.projected()));
    }
    return blocks;
  }

  @Override
  public Tensor logits(Tensor images) {
    Tensor x = bn1.apply(conv1.apply(images)).relu();
    x = Layers.apply(layer3, Layers.apply(layer2, Layers.apply(layer1, x)));
    return fc.apply(Layers.pooled(x));
  }

  @Override
  public ResNet folded() {
    return new ResNet(
        Layers.folded(conv1, bn1),
        Layers.after(bn1),
        Layers.folded(layer1),
        Layers.folded(layer2),
        Layers.folded(layer3),
        fc);
  }
}
