package ai.kindred.reliability;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Joinable;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import ai.kindred.reliability.fit.Format;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A product whose 8-bit weights lie in protected memory. Where kernels read that memory itself, bit
 * 6 of a byte may be a check bit: it becomes the sign again before the product, {@code w xor ((w
 * xor (w >> 1)) and signs)}.
 *
 * @param weight [out, in] int8 over the encoded memory or a working copy; where signs have to be
 *     put back, [out, in / 8] int64
 * @param scale [out]
 * @param bias [out], or null
 * @param signs [in] int8, 64 where bit 6 is to become the sign; null where weights are plain
 * @param order [in] int64, which input stands at each place; null for their own order
 * @param factor [in], what inputs are multiplied by; null for ones
 * @param memory where the weights are kept
 * @param scales where the scales are kept
 * @param format the form that the weights have
 * @param reading which memory the weights lie in
 */
record ProtectedInt8(
    Tensor weight,
    Tensor scale,
    @Nullable Tensor bias,
    @Nullable Tensor signs,
    @Nullable Tensor order,
    @Nullable Tensor factor,
    ProtectedTensor memory,
    ProtectedTensor scales,
    Format format,
    Reading reading)
    implements Joinable {

  private static final int WORD = 8;

  /**
   * A product over memory that holds weights in a format.
   *
   * @param scales [out] float32
   * @throws IllegalArgumentException where the format cannot be read so
   */
  static ProtectedInt8 of(
      Format format,
      ProtectedTensor memory,
      ProtectedTensor scales,
      @Nullable Tensor bias,
      @Nullable Tensor order,
      Reading reading) {
    if (reading == Reading.IN_KERNEL && !format.readsInKernel()) {
      throw new IllegalArgumentException(
          memory.name()
              + ": weights in the format "
              + format
              + " are unpacked in Java; read them from a working copy");
    }
    long out = scales.bytes() / Float.BYTES;
    int in = Math.toIntExact(memory.bytes() / out);
    boolean inKernel = reading == Reading.IN_KERNEL;
    Tensor weight =
        inKernel ? memory.tensor(DType.INT8, out, in) : memory.workingTensor(DType.INT8, out, in);
    return new ProtectedInt8(
        weight,
        scales.tensor(DType.FLOAT32, out),
        bias,
        inKernel ? signs(format, in) : null,
        order,
        format == Format.HALF_STEP ? halves(in) : null,
        memory,
        scales,
        format,
        reading);
  }

  /**
   * One product over the memory of several, where that lies side by side. Not where signs have to
   * be put back: small products stay in cache while that is done.
   */
  @Override
  public Optional<Linear> joined(List<Linear> all) {
    List<ProtectedTensor> memories = new ArrayList<>();
    List<ProtectedTensor> allScales = new ArrayList<>();
    long outs = 0;
    for (Linear linear : all) {
      if (signs != null
          || !(linear instanceof ProtectedInt8 p)
          || p.format != format
          || p.reading != reading
          || p.bias != null
          || p.order != null) {
        return Optional.empty();
      }
      memories.add(p.memory);
      allScales.add(p.scales);
      outs += p.out();
    }
    long out = outs;
    Optional<ByteBuffer> scale = ProtectedTensor.joined(allScales, false);
    return ProtectedTensor.joined(memories, reading == Reading.WORKING_COPY)
        .filter(w -> w.remaining() == out * in())
        .flatMap(
            w ->
                scale
                    .filter(s -> s.remaining() == out * Float.BYTES)
                    .map(
                        s ->
                            new ProtectedInt8(
                                Tensor.of(w, DType.INT8, out, in()),
                                Tensor.of(s, DType.FLOAT32, out),
                                null,
                                signs,
                                null,
                                factor,
                                memory,
                                scales,
                                format,
                                reading)));
  }

  private static @Nullable Tensor signs(Format format, int in) {
    if (!format.hidesSigns()) {
      return null;
    }
    long[] signs = new long[in];
    for (int i = 0; i < in; i++) {
      signs[i] = format == Format.INT7 || i % WORD != 7 ? 64 : 0;
    }
    return Tensor.of(signs).to(DType.INT8);
  }

  private static Tensor halves(int in) {
    float[] factors = new float[in];
    for (int i = 0; i < in; i++) {
      factors[i] = i % WORD == 7 ? 0.5f : 1;
    }
    return Tensor.of(factors);
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    Tensor inputs = order == null ? x : x.indexSelect(-1, order);
    Tensor scaled = factor == null ? inputs : inputs.mul(factor.to(inputs.dtype()));
    Tensor plain =
        signs == null
            ? weight
            : weight.bitwiseXor(weight.bitwiseXor(weight.shiftRight(1)).bitwiseAnd(signs));
    return new Int8(plain, scale.to(DType.BFLOAT16), bias).apply(scaled, pass);
  }

  @Override
  public long in() {
    return weight.size(1).value();
  }

  @Override
  public long out() {
    return weight.size(0).value();
  }

  /** The same product unprotected, with weights of its own; exact for every format. */
  Int8 unprotected() {
    int in = (int) in();
    byte[] values = memory.weights();
    boolean half = factor != null;
    long[] to = order == null ? null : order.toLongs();
    long[] plain = new long[values.length];
    for (int j = 0; j < values.length; j++) {
      int i = j % in;
      int at = to == null ? j : j - i + (int) to[i];
      plain[at] = half && i % WORD != 7 ? 2L * values[j] : values[j];
    }
    Tensor weight8 = Tensor.of(plain, out(), in).to(DType.INT8);
    Tensor step = half ? scale.mul(0.5) : scale.copy();
    return new Int8(weight8, step.to(DType.BFLOAT16), bias == null ? null : bias.copy());
  }
}
