package ai.kindred.federated;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.train.Objective;
import java.util.Map;

/**
 * A problem with a closed form: an example is (h, a) and its loss h/2 (x - a)^2, summed over the
 * numbers of x.
 */
final class Quadratics {

  static final int SIZE = 3;

  /**
   * Examples.
   *
   * @param h [n, 3] curvatures
   * @param a [n, 3] optima
   */
  record Example(Tensor h, Tensor a) {}

  private Quadratics() {}

  static Objective<Minibatch<Example>> objective() {
    return (params, batch, key) -> {
      Tensor away = params.get("x").sub(batch.examples().a());
      return batch.mean(away.mul(away).mul(batch.examples().h()).sum(1, false).mul(0.5));
    };
  }

  static Params at(float... x) {
    return new Params(Map.of("x", Tensor.of(x, x.length)));
  }

  static Example examples(double[][] h, double[][] a) {
    float[] hs = new float[h.length * SIZE];
    float[] as = new float[h.length * SIZE];
    for (int i = 0; i < h.length; i++) {
      for (int j = 0; j < SIZE; j++) {
        hs[i * SIZE + j] = (float) h[i][j];
        as[i * SIZE + j] = (float) a[i][j];
      }
    }
    return new Example(Tensor.of(hs, h.length, SIZE), Tensor.of(as, h.length, SIZE));
  }

  /** Examples in a row: the first client has the first {@code sizes[0]}, and so on. */
  static Partition inOrder(int... sizes) {
    return new Partition() {
      @Override
      public int clients() {
        return sizes.length;
      }

      @Override
      public int size(int client) {
        return sizes[client];
      }

      @Override
      public int row(int client, int place) {
        int first = 0;
        for (int c = 0; c < client; c++) {
          first += sizes[c];
        }
        return first + place;
      }
    };
  }
}
