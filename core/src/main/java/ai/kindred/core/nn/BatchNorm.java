package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * {@code (x - mean) / sqrt(variance + eps) * weight + bias} a channel of images [n, c, h, w] (Ioffe
 * and Szegedy, 2015, arXiv:1502.03167). This layer uses the means and variances that it holds.
 *
 * <p>Layers have no hidden state here, so nothing is averaged by the way: training runs another
 * tree ({@link #training}), in which each batch gives its own statistics, and {@link #measured}
 * works out what to hold for given weights from given batches (Wu and Johnson, 2021,
 * arXiv:2105.07576, call this precise batch normalisation). Then {@link #folded} turns a
 * convolution and its normalisation into one convolution.
 *
 * @param weight [c]
 * @param bias [c]
 * @param runningMean [c]
 * @param runningVar [c]
 * @param eps added to the variance
 */
public record BatchNorm(
    Tensor weight, Tensor bias, Tensor runningMean, Tensor runningVar, double eps)
    implements Layer {

  /** Of ones and zeros, eps 1e-5. */
  public static BatchNorm of(long channels) {
    return new BatchNorm(
        Tensor.ones(DType.FLOAT32, channels),
        Tensor.zeros(DType.FLOAT32, channels),
        Tensor.zeros(DType.FLOAT32, channels),
        Tensor.ones(DType.FLOAT32, channels),
        1e-5);
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor scale = scale();
    return scaled(x, scale, bias.sub(runningMean.mul(scale)));
  }

  private Tensor scale() {
    return weight.mul(runningVar.add(eps).rsqrt());
  }

  /** Normalises by the batch's own statistics. */
  private record OverBatch(BatchNorm base) implements Layer {
    @Override
    public Tensor apply(Tensor x) {
      return base.overBatch(x);
    }
  }

  private Tensor overBatch(Tensor x) {
    return scaled(x.batchNorm(eps), weight, bias);
  }

  /** {@code x w + b} a channel. */
  static Tensor scaled(Tensor x, Tensor weight, Tensor bias) {
    Tensor w = weight.to(x.dtype()).unsqueeze(-1).unsqueeze(-1);
    return x.mul(w).add(bias.to(x.dtype()).unsqueeze(-1).unsqueeze(-1));
  }

  /** A network's tree for training: each batch gives its own statistics. Paths stay. */
  public static <T> T training(T network) {
    return Tree.rewrite(
        network, Layer.class, (path, l) -> l instanceof BatchNorm b ? new OverBatch(b) : l);
  }

  /** A channel's mean, and its mean square about the mean, over the batch. */
  private record Statistics(Tensor mean, Tensor variance) {
    static Statistics of(Tensor x) {
      Tensor mean = mean(x);
      Tensor centred = x.sub(mean.unsqueeze(-1).unsqueeze(-1));
      Tensor count = Tensor.of(x.size(0).times(x.size(2)).times(x.size(3))).to(x.dtype());
      // The unbiased variance, which is what frameworks hold for inference.
      Tensor unbiased = count.div(count.sub(1).clamp(1.0, null));
      return new Statistics(mean, mean(centred.mul(centred)).mul(unbiased));
    }

    private static Tensor mean(Tensor x) {
      return x.mean(-1, false).mean(-1, false).mean(0, false);
    }
  }

  private record Seen<T>(T network, Tensor images) {}

  /**
   * The network holding the statistics that its normalisations see with its present weights: means
   * over the batches of each batch's mean and variance.
   *
   * @param network a tree with normalisations among its layers
   * @param forward runs a network on images
   * @param batches of images, in the form that {@code forward} takes; at least one
   */
  public static <T> T measured(
      T network, BiFunction<T, Tensor, Tensor> forward, Iterable<Tensor> batches) {
    return Scope.tidy(
        () -> {
          try (Kernel<Seen<T>, Map<String, Statistics>> kernel =
              Kernel.of(in -> statistics(in.network(), forward, in.images()))) {
            Params sum = new Params(Map.of());
            int count = 0;
            for (Tensor images : batches) {
              Params seen = named(kernel.call(new Seen<>(network, images)));
              sum = count == 0 ? seen : sum.add(seen);
              count++;
            }
            if (count == 0) {
              throw new IllegalArgumentException("no batches to measure statistics on");
            }
            return Tree.with(network, sum.mul(1.0 / count));
          }
        });
  }

  private static <T> Map<String, Statistics> statistics(
      T network, BiFunction<T, Tensor, Tensor> forward, Tensor images) {
    Map<String, Statistics> seen = new LinkedHashMap<>();
    T observed =
        Tree.rewrite(
            network,
            Layer.class,
            (path, l) -> {
              if (!(l instanceof BatchNorm b)) {
                return l;
              }
              return x -> {
                seen.put(path, Statistics.of(x));
                return b.overBatch(x);
              };
            });
    Tensor unused = forward.apply(observed, images); // layers were seen on the way
    return seen;
  }

  private static Params named(Map<String, Statistics> seen) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    seen.forEach(
        (path, s) -> {
          String prefix = path.isEmpty() ? "" : path + ".";
          leaves.put(prefix + "running_mean", s.mean());
          leaves.put(prefix + "running_var", s.variance());
        });
    return new Params(leaves);
  }

  /** One convolution that does what a convolution and then this normalisation do. */
  public Conv2d folded(Conv2d conv) {
    Tensor scale = scale();
    Tensor filters = conv.weight().mul(scale.reshape(-1, 1, 1, 1));
    Tensor shift = bias.sub(runningMean.mul(scale));
    Tensor own = conv.bias();
    return new Conv2d(
        filters,
        own == null ? shift : shift.add(own.mul(scale)),
        conv.stride(),
        conv.padding(),
        conv.groups());
  }
}
