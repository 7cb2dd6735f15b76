package ai.kindred.federated.network;

import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;

/**
 * Two convolutions of 5 x 5 with rectifier and pooling by 2, then two dense layers: the network of
 * many federated papers, here for images of one size.
 *
 * @param first filters on the image
 * @param second filters on the first's result
 * @param hidden dense layer
 * @param output dense layer of scores
 */
public record ConvolutionalNetwork(Conv2d first, Conv2d second, Dense hidden, Dense output)
    implements Classifier {

  /**
   * Random layers for square images.
   *
   * @param size of the image, a multiple of 4
   * @param widths channels of the two convolutions and width of the hidden layer
   */
  public static ConvolutionalNetwork random(
      Key key, long channels, long size, long[] widths, long classes) {
    if (size % 4 != 0 || widths.length != 3) {
      throw new IllegalArgumentException(
          "the image's size is a multiple of 4 and there are three widths, not %d and %d"
              .formatted(size, widths.length));
    }
    return new ConvolutionalNetwork(
        Conv2d.random(key.fold("first"), channels, widths[0], 5, 1, 2).withBias(),
        Conv2d.random(key.fold("second"), widths[0], widths[1], 5, 1, 2).withBias(),
        MultilayerPerceptron.dense(key.fold("hidden"), widths[1] * size * size / 16, widths[2]),
        MultilayerPerceptron.dense(key.fold("output"), widths[2], classes));
  }

  @Override
  public Tensor logits(Tensor inputs) {
    Tensor x = first.apply(inputs).relu().maxPool2d(2, 2, 0);
    x = second.apply(x).relu().maxPool2d(2, 2, 0);
    x = x.reshape(x.size(0), Dim.of(-1)).linear(hidden.weight(), hidden.bias()).relu();
    return x.linear(output.weight(), output.bias());
  }
}
