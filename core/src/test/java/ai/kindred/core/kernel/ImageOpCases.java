package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Nd.shape;
import static ai.kindred.core.kernel.OpCase.N;
import static ai.kindred.core.kernel.OpCase.reals;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cases of operations on images, compared with loops over every index. */
final class ImageOpCases {

  private ImageOpCases() {}

  static List<OpCase> all() {
    return List.of(
        OpCase.of("conv2d", Ops.CONV2D, reals(N, 2, 4, 5), reals(3, 2, 3, 2), reals(3))
            .is(x -> x.get(0).conv2d(x.get(1), x.get(2), 1, 0, 1))
            .like(x -> convolved(x.get(0), x.get(1), x.get(2), 1, 0, 1))
            .differentiable(),
        OpCase.of("conv2d in steps", Ops.CONV2D, reals(2, 1, N, N), reals(2, 1, 3, 3))
            .is(x -> x.get(0).conv2d(x.get(1), null, 2, 1, 1))
            .like(x -> convolved(x.get(0), x.get(1), null, 2, 1, 1))
            .differentiable(),
        OpCase.of("conv2d in groups", Ops.CONV2D, reals(N, 4, 3, 3), reals(6, 2, 2, 2), reals(6))
            .is(x -> x.get(0).conv2d(x.get(1), x.get(2), 1, 1, 2))
            .like(x -> convolved(x.get(0), x.get(1), x.get(2), 1, 1, 2))
            .differentiable(),
        OpCase.of("max pooling", Ops.MAX_POOL2D, reals(2, 2, N, 5))
            .is(x -> x.get(0).maxPool2d(3, 2, 1))
            .like(
                x ->
                    pooled(
                        x.get(0), 3, 2, 1, w -> w.stream().mapToDouble(v -> v).max().orElseThrow()))
            .differentiable(),
        OpCase.of("mean pooling", Ops.AVG_POOL2D, reals(N, 2, 5, 4))
            .is(x -> x.get(0).avgPool2d(2, 2, 1))
            .like(
                x -> pooled(x.get(0), 2, 2, 1, w -> w.stream().mapToDouble(v -> v).sum() / (2 * 2)))
            .differentiable(),
        OpCase.of("group norm", Ops.GROUP_NORM, reals(N, 4, 2, 3))
            .is(x -> x.get(0).groupNorm(2, 1e-3))
            .like(x -> normalised(x.get(0), (n, c) -> List.of(n, c / 2)))
            .differentiable(),
        OpCase.of("batch norm", Ops.BATCH_NORM, reals(N, 2, 3, 2))
            .is(x -> x.get(0).batchNorm(1e-3))
            .like(x -> normalised(x.get(0), (n, c) -> List.of(c)))
            .differentiable(),
        OpCase.of("pad", Ops.PAD, reals(2, N, 3))
            .is(x -> x.get(0).pad(1, 2, 0, 1))
            .like(
                x ->
                    Nd.of(
                        shape(2, x.get(0).length(1) + 1, 6),
                        i ->
                            i[1] < x.get(0).length(1) && i[2] >= 1 && i[2] < 4
                                ? x.get(0).at(i[0], i[1], i[2] - 1)
                                : 0))
            .differentiable());
  }

  private static int slid(int length, int window, int stride, int padding) {
    return (length + 2 * padding - window) / stride + 1;
  }

  private static double inside(Nd x, int n, int c, int row, int column) {
    boolean in = row >= 0 && row < x.length(2) && column >= 0 && column < x.length(3);
    return in ? x.at(n, c, row, column) : 0;
  }

  private static Nd convolved(Nd x, Nd w, @Nullable Nd bias, int stride, int padding, int groups) {
    int filters = w.length(0) / groups;
    return Nd.of(
        shape(
            x.length(0),
            w.length(0),
            slid(x.length(2), w.length(2), stride, padding),
            slid(x.length(3), w.length(3), stride, padding)),
        i -> {
          double sum = bias == null ? 0 : bias.at(i[1]);
          for (int c = 0; c < w.length(1); c++) {
            for (int row = 0; row < w.length(2); row++) {
              for (int column = 0; column < w.length(3); column++) {
                sum +=
                    w.at(i[1], c, row, column)
                        * inside(
                            x,
                            i[0],
                            i[1] / filters * w.length(1) + c,
                            i[2] * stride - padding + row,
                            i[3] * stride - padding + column);
              }
            }
          }
          return sum;
        });
  }

  private interface Pool {
    double of(List<Double> window);
  }

  /** A function of what lies inside the image in each window. */
  private static Nd pooled(Nd x, int window, int stride, int padding, Pool f) {
    return Nd.of(
        shape(
            x.length(0),
            x.length(1),
            slid(x.length(2), window, stride, padding),
            slid(x.length(3), window, stride, padding)),
        i -> {
          List<Double> seen = new ArrayList<>();
          for (int row = 0; row < window; row++) {
            for (int column = 0; column < window; column++) {
              int r = i[2] * stride - padding + row;
              int c = i[3] * stride - padding + column;
              if (r >= 0 && r < x.length(2) && c >= 0 && c < x.length(3)) {
                seen.add(x.at(i[0], i[1], r, c));
              }
            }
          }
          return f.of(seen);
        });
  }

  private interface Part {
    List<Integer> of(int image, int channel);
  }

  /** Elements less their part's mean, over the root of its variance and 0.001. */
  private static Nd normalised(Nd x, Part part) {
    return Nd.of(
        x.shape(),
        i -> {
          double[] same = new double[x.elements().length];
          int[] count = {0};
          Nd.of(
              x.shape(),
              j -> {
                if (part.of(j[0], j[1]).equals(part.of(i[0], i[1]))) {
                  same[count[0]++] = x.at(j);
                }
                return 0;
              });
          double mean = 0;
          for (int k = 0; k < count[0]; k++) {
            mean += same[k] / count[0];
          }
          double variance = 0;
          for (int k = 0; k < count[0]; k++) {
            variance += (same[k] - mean) * (same[k] - mean) / count[0];
          }
          return (x.at(i) - mean) / Math.sqrt(variance + 1e-3);
        });
  }
}
