package ai.kindred.federated.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import java.util.ArrayList;
import java.util.List;

/**
 * Dense layers with rectifiers between; with a single layer, logistic regression.
 *
 * @param layers from the input on
 */
public record MultilayerPerceptron(List<Dense> layers) implements Classifier {

  /**
   * Random layers, biases of zeros.
   *
   * @param widths of the input, each hidden layer and the output, at least two
   */
  public static MultilayerPerceptron random(Key key, long... widths) {
    if (widths.length < 2) {
      throw new IllegalArgumentException(
          "a perceptron has an input and an output at least, not " + widths.length + " widths");
    }
    List<Dense> layers = new ArrayList<>();
    for (int i = 0; i + 1 < widths.length; i++) {
      layers.add(dense(key.fold(i), widths[i], widths[i + 1]));
    }
    return new MultilayerPerceptron(layers);
  }

  /** A layer drawn from {@code N(0, 2 / in)} (He et al., 2015). */
  static Dense dense(Key key, long in, long out) {
    return new Dense(
        Tensor.randn(Tensor.of(key), DType.FLOAT32, Dim.of(out), Dim.of(in))
            .mul(Math.sqrt(2.0 / (double) in)),
        Tensor.zeros(DType.FLOAT32, out));
  }

  @Override
  public Tensor logits(Tensor inputs) {
    Tensor x = inputs.rank() == 2 ? inputs : inputs.reshape(inputs.size(0), Dim.of(-1));
    for (int i = 0; i < layers.size(); i++) {
      Dense layer = layers.get(i);
      x = (i == 0 ? x : x.relu()).linear(layer.weight(), layer.bias());
    }
    return x;
  }
}
