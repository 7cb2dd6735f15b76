package ai.kindred.federated.network;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent language model (Hochreiter and Schmidhuber, 1997): an embedding, layers of long
 * short-term memory, scores of the next token.
 *
 * @param embedding [tokens, width]
 * @param layers from the input on
 * @param output from the last layer to scores
 */
public record Lstm(Tensor embedding, List<Layer> layers, Dense output) {

  /**
   * A layer: {@code i, f, g, o = x W_x + h W_h + b; c = sigmoid(f) c + sigmoid(i) tanh(g); h =
   * sigmoid(o) tanh(c)}.
   *
   * @param input [4 hidden, in] with bias
   * @param recurrent [4 hidden, hidden]
   */
  public record Layer(Dense input, Tensor recurrent) {

    private record Memory(Tensor hidden, Tensor cell) {}

    /** From [n, t, in] to [n, t, hidden]. */
    Tensor apply(Tensor x) {
      Dim hidden = recurrent.size(1);
      Tensor driven = x.linear(input.weight(), input.bias());
      Tensor none = Tensor.full(0, DType.FLOAT32, x.size(0), hidden);
      Kernel.Scanned<Memory, Tensor> all =
          Kernel.scan(
              x.size(1),
              new Memory(none, none),
              (t, m) -> {
                Tensor gates = driven.select(1, t).add(m.hidden().linear(recurrent, null));
                Tensor cell =
                    part(gates, 1, hidden)
                        .sigmoid()
                        .mul(m.cell())
                        .add(part(gates, 0, hidden).sigmoid().mul(part(gates, 2, hidden).tanh()));
                Tensor out = part(gates, 3, hidden).sigmoid().mul(cell.tanh());
                return new Kernel.Scanned<>(new Memory(out, cell), out);
              });
      return all.collected().transpose(0, 1);
    }

    private static Tensor part(Tensor gates, int which, Dim hidden) {
      return gates.narrow(1, hidden.times(Dim.of(which)), hidden);
    }
  }

  /**
   * A random model; the forget gate's bias is 1.
   *
   * @param tokens size of the vocabulary
   * @param width of the embedding
   * @param hidden width of each layer
   */
  public static Lstm random(Key key, long tokens, long width, long hidden, int layers) {
    List<Layer> made = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      long in = i == 0 ? width : hidden;
      Key own = key.fold(i);
      float[] bias = new float[Math.toIntExact(4 * hidden)];
      for (int j = (int) hidden; j < 2 * hidden; j++) {
        bias[j] = 1;
      }
      made.add(
          new Layer(
              new Dense(
                  uniform(own.fold("input"), hidden, 4 * hidden, in), Tensor.of(bias, 4 * hidden)),
              uniform(own.fold("recurrent"), hidden, 4 * hidden, hidden)));
    }
    return new Lstm(
        Tensor.randn(Tensor.of(key.fold("embedding")), DType.FLOAT32, Dim.of(tokens), Dim.of(width))
            .mul(0.1),
        made,
        new Dense(
            uniform(key.fold("output"), hidden, tokens, hidden),
            Tensor.zeros(DType.FLOAT32, tokens)));
  }

  private static Tensor uniform(Key key, long fan, long out, long in) {
    double bound = 1 / Math.sqrt((double) fan);
    return Tensor.rand(Tensor.of(key), DType.FLOAT32, Dim.of(out), Dim.of(in))
        .mul(2 * bound)
        .sub(bound);
  }

  /**
   * Scores of the token after each.
   *
   * @param tokens [n, t] int64
   * @return [n, t, vocabulary]
   */
  public Tensor logits(Tensor tokens) {
    Tensor x = embedding.embedding(tokens);
    for (Layer layer : layers) {
      x = layer.apply(x);
    }
    return x.linear(output.weight(), output.bias());
  }
}
