package ai.kindred.federated.network;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.GroupNorm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A residual network whose norms look at one image at a time, since clients share no batch (Hsieh
 * et al., 2020, arXiv:1910.00189).
 *
 * @param stem filters on the image
 * @param norm of the stem
 * @param blocks residual blocks
 * @param output scores from the mean over pixels
 */
public record GroupNormResNet(Conv2d stem, GroupNorm norm, List<Block> blocks, Dense output)
    implements Classifier {

  /**
   * {@code relu(norm(conv(relu(norm(conv(x))))) + shortcut(x))}.
   *
   * @param shortcut a convolution of 1 x 1 where channels or size change, or null
   */
  public record Block(
      Conv2d first,
      GroupNorm firstNorm,
      Conv2d second,
      GroupNorm secondNorm,
      @Nullable Conv2d shortcut) {

    Tensor apply(Tensor x) {
      Tensor inner = firstNorm.apply(first.apply(x)).relu();
      Tensor kept = shortcut == null ? x : shortcut.apply(x);
      return secondNorm.apply(second.apply(inner)).add(kept).relu();
    }
  }

  /**
   * A random network; each width after the first halves the image.
   *
   * @param groups of every norm, divides the widths
   * @param widths channels of the stages, one block each
   */
  public static GroupNormResNet random(
      Key key, long channels, long groups, long[] widths, long classes) {
    Conv2d stem = Conv2d.random(key.fold("stem"), channels, widths[0], 3, 1, 1);
    List<Block> blocks = new ArrayList<>();
    long in = widths[0];
    for (int i = 0; i < widths.length; i++) {
      long out = widths[i];
      long stride = i == 0 ? 1 : 2;
      Key own = key.fold(i);
      blocks.add(
          new Block(
              Conv2d.random(own.fold("first"), in, out, 3, stride, 1),
              GroupNorm.of(out, groups),
              Conv2d.random(own.fold("second"), out, out, 3, 1, 1),
              GroupNorm.of(out, groups),
              in == out && stride == 1
                  ? null
                  : Conv2d.random(own.fold("shortcut"), in, out, 1, stride, 0)));
      in = out;
    }
    return new GroupNormResNet(
        stem,
        GroupNorm.of(widths[0], groups),
        blocks,
        MultilayerPerceptron.dense(key.fold("output"), in, classes));
  }

  @Override
  public Tensor logits(Tensor inputs) {
    Tensor x = norm.apply(stem.apply(inputs)).relu();
    for (Block block : blocks) {
      x = block.apply(x);
    }
    return x.mean(-1, false).mean(-1, false).linear(output.weight(), output.bias());
  }
}
