package ai.kindred.reliability;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Layer;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network for images whose int8 weights lie in protected memory without more space: one that was
 * trained by throttling, so that the in-place (64,57) code fits all of them. Kernels read the
 * encoded memory itself and put signs back; a pass over the memory is a repair for all. Biases are
 * not protected, as in the paper.
 *
 * @param network a tree like any other, its protected layers among its parts
 * @param memory the protected memory of each layer
 * @param doubles what becomes of words that cannot be repaired
 */
public record ProtectedNetwork(Network network, List<ProtectedTensor> memory, Doubles doubles) {

  private static final int WORD = 8;

  /** Copies. */
  public ProtectedNetwork {
    memory = List.copyOf(memory);
  }

  /**
   * A layer that reads encoded weights, {@code (w xor ((w xor (w >> 1)) and signs)) step}.
   *
   * @param weight [out, in] or [out, in / groups, kh, kw], int8 over the encoded memory
   * @param signs of the same shape, 64 where bit 6 is to become the sign
   * @param bias [out], or null
   * @param filters how a convolution goes over its images; null for a product of rows
   */
  private record ProtectedWeights(
      Tensor weight, Tensor signs, double step, @Nullable Tensor bias, @Nullable Filters filters)
      implements Layer {

    @Override
    public Tensor apply(Tensor x) {
      Tensor plain = weight.bitwiseXor(weight.bitwiseXor(weight.shiftRight(1)).bitwiseAnd(signs));
      Tensor w = plain.to(x.dtype()).mul(step);
      return filters == null
          ? x.linear(w, bias)
          : x.conv2d(w, bias, filters.stride(), filters.padding(), filters.groups());
    }
  }

  private record Filters(long stride, long padding, long groups) {}

  /**
   * Protects a network. The one given stays as it is.
   *
   * @param trained by {@link TrainedNetwork.Method#QATT} or {@link TrainedNetwork.Method#ADMM}
   * @throws IllegalArgumentException where a weight has no int8 step, is no whole multiple of it,
   *     or does not fit the code; it says which
   */
  public static ProtectedNetwork protect(TrainedNetwork trained, Doubles doubles) {
    List<ProtectedTensor> memory = new ArrayList<>();
    Network network =
        Scope.tidy(
            () ->
                Tree.rewrite(
                    trained.network(),
                    Layer.class,
                    (path, layer) -> {
                      if (layer instanceof Conv2d c) {
                        Filters filters = new Filters(c.stride(), c.padding(), c.groups());
                        return weights(path, c.weight(), c.bias(), filters, trained, memory);
                      }
                      return layer instanceof Dense d
                          ? weights(path, d.weight(), d.bias(), null, trained, memory)
                          : layer;
                    }));
    return new ProtectedNetwork(network, memory, doubles);
  }

  private static Layer weights(
      String path,
      Tensor weight,
      @Nullable Tensor bias,
      @Nullable Filters filters,
      TrainedNetwork trained,
      List<ProtectedTensor> memory) {
    String name = path + ".weight";
    Double step = trained.steps().get(name);
    if (step == null) {
      throw new IllegalArgumentException(
          name
              + " has no int8 step: this network was trained by "
              + trained.config().method()
              + "; one trained by QATT fits the in-place code");
    }
    byte[] values = values(name, weight.toFloats(), step);
    ProtectedTensor kept =
        ProtectedTensor.encode(name, ByteBuffer.wrap(values), new InPlaceSecded57());
    memory.add(kept);
    byte[] signs = new byte[values.length];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = (byte) (i % WORD == WORD - 1 ? 0 : 64);
    }
    return new ProtectedWeights(
        kept.tensor(DType.INT8, weight.lengths()),
        Tensor.of(ByteBuffer.wrap(signs), DType.INT8, weight.lengths()),
        step,
        bias,
        filters);
  }

  private static byte[] values(String name, float[] weights, double step) {
    byte[] values = new byte[weights.length];
    for (int i = 0; i < values.length; i++) {
      double value = weights[i] / step;
      double nearest = Math.rint(value);
      if (!(Math.abs(value - nearest) < 1e-3) || Math.abs(nearest) > Byte.MAX_VALUE) {
        throw new IllegalArgumentException(
            "%s: weight %d is %s, no int8 multiple of %s".formatted(name, i, weights[i], step));
      }
      values[i] = (byte) nearest;
    }
    return values;
  }

  /** Checks and repairs everything, once. */
  public Repairs scrub() {
    Repairs all = Repairs.NONE;
    for (ProtectedTensor m : memory) {
      all = all.plus(m.scrub(0, m.words().count(), m.handler(doubles)));
    }
    return all;
  }

  /** Scrubs in the background until closed. */
  public Scrubber scrubber(long bytesPerSecond) {
    return Scrubber.start(memory, doubles, bytesPerSecond);
  }
}
