package ai.kindred.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers, or what stands for one inside a kernel that is being traced. Model code is
 * written against this type alone: the same code runs at once, operation by operation, or becomes
 * part of a {@link Kernel}.
 *
 * <p>Operations have PyTorch's names and argument order, never change their receiver (but for
 * {@link #write}), and follow PyTorch's broadcasting and result types. Axes may be counted from the
 * end with negative numbers.
 */
public abstract sealed class Tensor implements AutoCloseable permits Value, Symbol {

  Tensor() {}

  abstract Meta meta();

  /** Lengths of the axes; inside a kernel they may depend on the kernel's inputs. */
  public abstract List<Dim> shape();

  /** Element type. */
  public abstract DType dtype();

  /** This one-element whole-number tensor as a number that shapes and loops can use. */
  public abstract Dim toDim();

  /** Frees the native memory, where this tensor has its own; otherwise scopes do. */
  @Override
  public void close() {}

  /** Number of axes. */
  public int rank() {
    return meta().rank();
  }

  /** Length of an axis. */
  public Dim size(int axis) {
    return meta().size(axis);
  }

  /** The lengths as numbers; inside a kernel this bakes them into the program. */
  public long[] lengths() {
    return shape().stream().mapToLong(Dim::value).toArray();
  }

  /** Number of elements; inside a kernel this bakes it into the program. */
  public long elements() {
    return shape().stream().mapToLong(Dim::value).reduce(1, Math::multiplyExact);
  }

  /** Requires one whole number. */
  void requireNumber() {
    Long elements = Shapes.product(shape()).hint();
    if (dtype().isFloating() || (elements != null && elements != 1)) {
      throw new IllegalArgumentException(
          "one whole number can be a length, not " + dtype() + shape());
    }
  }

  // Making tensors.

  /** A float32 tensor of these elements, row by row. */
  public static Tensor of(float[] elements, long... shape) {
    ByteBuffer b = direct(elements.length * (long) Float.BYTES);
    b.asFloatBuffer().put(elements);
    return Value.over(b, DType.FLOAT32, shape.length == 0 ? new long[] {elements.length} : shape);
  }

  /** A float64 tensor of these elements, row by row. */
  public static Tensor of(double[] elements, long... shape) {
    ByteBuffer b = direct(elements.length * (long) Double.BYTES);
    b.asDoubleBuffer().put(elements);
    return Value.over(b, DType.FLOAT64, shape.length == 0 ? new long[] {elements.length} : shape);
  }

  /** An int64 tensor of these elements, row by row. */
  public static Tensor of(long[] elements, long... shape) {
    ByteBuffer b = direct(elements.length * (long) Long.BYTES);
    b.asLongBuffer().put(elements);
    return Value.over(b, DType.INT64, shape.length == 0 ? new long[] {elements.length} : shape);
  }

  /** An int64 tensor of these elements, the type that indices have. */
  public static Tensor of(int[] elements, long... shape) {
    return of(Arrays.stream(elements).asLongStream().toArray(), shape);
  }

  /**
   * A tensor over these little-endian bytes. A direct buffer (a mapped file) is shared, not copied,
   * except for bfloat16 and int16, which DJL cannot map: those are copied.
   */
  public static Tensor of(ByteBuffer data, DType dtype, long... shape) {
    if (dtype != DType.BFLOAT16 && dtype != DType.INT16) {
      return Value.over(data, dtype, shape);
    }
    return Trace.paused(() -> reinterpreted(data, dtype, shape));
  }

  private static Tensor reinterpreted(ByteBuffer data, DType dtype, long... shape) {
    long bytes = data.remaining();
    try (Tensor raw = Value.over(data, DType.UINT8, bytes)) {
      if (bytes == 0) {
        return raw.to(dtype).reshape(shape);
      }
      try (Tensor flat = raw.viewAs(dtype)) {
        return flat.reshape(shape);
      }
    }
  }

  /** A tensor without axes. */
  public static Tensor scalar(double number, DType dtype) {
    ByteBuffer b = direct(dtype.bytes());
    switch (dtype) {
      case FLOAT32 -> b.putFloat(0, (float) number);
      case FLOAT64 -> b.putDouble(0, number);
      case INT64 -> b.putLong(0, (long) number);
      default -> {
        try (Tensor wide = scalar(number, DType.FLOAT64)) {
          // A constant even while a kernel is traced: the program would outlive what it converts.
          return Trace.paused(() -> wide.to(dtype));
        }
      }
    }
    return Value.over(b, dtype);
  }

  /** A key as a tensor, for the random operations. */
  public static Tensor of(Key key) {
    return of(new long[] {key.seed()}, 1);
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  /** A whole number as an int64 tensor without axes. */
  public static Tensor of(Dim number) {
    return Ops.FULL.apply(List.of(), number, new Op.Keyword("dtype", DType.INT64));
  }

  /** A tensor of equal elements. */
  public static Tensor full(double element, DType dtype, Dim... shape) {
    Object number = dtype.isFloating() ? (Object) element : (Object) (long) element;
    return Ops.FULL.apply(List.of(shape), number, new Op.Keyword("dtype", dtype));
  }

  /** Zeros. */
  public static Tensor zeros(DType dtype, long... shape) {
    return full(0, dtype, Dim.of(shape));
  }

  /** Ones. */
  public static Tensor ones(DType dtype, long... shape) {
    return full(1, dtype, Dim.of(shape));
  }

  /** 0, 1, .. n - 1 as int64. */
  public static Tensor arange(Dim n) {
    return Ops.ARANGE.apply(n, new Op.Keyword("dtype", DType.INT64));
  }

  /** 0, 1, .. n - 1 as int64. */
  public static Tensor arange(long n) {
    return arange(Dim.of(n));
  }

  /**
   * Uniform numbers in [0, 1) from a key (a one-element int64 tensor): the same key, the same
   * numbers.
   */
  public static Tensor rand(Tensor key, DType dtype, Dim... shape) {
    return Ops.RAND.apply(List.of(shape), dtype, key);
  }

  /** Standard normal numbers from a key (a one-element int64 tensor). */
  public static Tensor randn(Tensor key, DType dtype, Dim... shape) {
    return Ops.RANDN.apply(List.of(shape), dtype, key);
  }

  /** The tensors joined along an axis that they already have. */
  public static Tensor cat(List<Tensor> parts, int axis) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("cat of no tensors");
    }
    return Ops.CAT.apply(parts, fromEnd(axis, parts.get(0).rank()));
  }

  /** The tensors joined along a new axis. */
  public static Tensor stack(List<Tensor> parts, int axis) {
    int at = axis < 0 ? axis : axis - parts.get(0).rank() - 1;
    return cat(parts.stream().map(p -> p.unsqueeze(at)).toList(), at);
  }

  /** Elements of {@code a} where the condition holds, of {@code b} elsewhere. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Ops.WHERE.apply(condition, a, b);
  }

  /** Elements of {@code a} where the condition holds, {@code b} elsewhere. */
  public static Tensor where(Tensor condition, Tensor a, double b) {
    return Ops.WHERE.apply(condition, a, a.number(b));
  }

  // Reading tensors.

  private Value value() {
    if (this instanceof Value v) {
      return v;
    }
    throw new IllegalStateException(
        "this tensor has no numbers yet: it stands for one while a kernel is traced; run with -Dkindred.eager to look inside");
  }

  /** The elements as float32, row by row. */
  public float[] toFloats() {
    return read(
        DType.FLOAT32,
        b -> {
          float[] f = new float[b.remaining() / Float.BYTES];
          b.asFloatBuffer().get(f);
          return f;
        });
  }

  /** The elements as float64, row by row. */
  public double[] toDoubles() {
    return read(
        DType.FLOAT64,
        b -> {
          double[] d = new double[b.remaining() / Double.BYTES];
          b.asDoubleBuffer().get(d);
          return d;
        });
  }

  /** The elements as int64, row by row. */
  public long[] toLongs() {
    return read(
        DType.INT64,
        b -> {
          long[] l = new long[b.remaining() / Long.BYTES];
          b.asLongBuffer().get(l);
          return l;
        });
  }

  /** The elements' bytes as stored, little-endian, row by row: a copy. */
  public ByteBuffer toBytes() {
    Value v = value();
    boolean hidden = dtype() == DType.BFLOAT16 || dtype() == DType.INT16;
    if (!hidden) {
      return v.bytes();
    }
    return Trace.paused(
        () -> {
          try (Tensor flat = reshape(Shapes.product(shape()));
              Tensor raw = flat.viewAs(DType.UINT8)) {
            return ((Value) raw).bytes();
          }
        });
  }

  /** The one element. */
  public double item() {
    double[] d = toDoubles();
    if (d.length != 1) {
      throw new IllegalArgumentException("item of a tensor of " + d.length + " elements");
    }
    return d[0];
  }

  private interface Reader<T> {
    T read(ByteBuffer b);
  }

  private <T> T read(DType as, Reader<T> reader) {
    Value v = value();
    if (dtype() == as) {
      return reader.read(v.bytes());
    }
    try (Tensor converted = Trace.paused(() -> to(as))) {
      return reader.read(((Value) converted).bytes());
    }
  }

  /**
   * A DJL array of the same elements, owned by {@code manager}; bfloat16 and int16 must be
   * converted first.
   */
  public NDArray toNDArray(NDManager manager) {
    Djl.type(dtype());
    NDArray copy = value().array().duplicate();
    copy.attach(manager);
    return copy;
  }

  /** A tensor of a DJL array's elements, which stay the array's own. */
  public static Tensor of(NDArray array) {
    if (!(array instanceof PtNDArray)) {
      throw new IllegalArgumentException(
          "an array of DJL's PyTorch engine is needed, not " + array.getClass());
    }
    PtNDArray copy = (PtNDArray) array.duplicate();
    copy.setName(null);
    copy.attach(Scope.current().manager());
    return new Value(copy, Djl.type(array.getDataType()), List.of());
  }

  // Arithmetic.

  /** Sum. */
  public Tensor add(Tensor other) {
    return Ops.ADD.apply(this, other);
  }

  /** {@code this + alpha other}, in one pass. */
  public Tensor add(Tensor other, double alpha) {
    return Ops.ADD_SCALED.apply(this, other, new Op.Keyword("alpha", alpha));
  }

  /** Sum with a number. */
  public Tensor add(double number) {
    return Ops.ADD.apply(this, number(number));
  }

  /** Difference. */
  public Tensor sub(Tensor other) {
    return Ops.SUB.apply(this, other);
  }

  /** Difference with a number. */
  public Tensor sub(double number) {
    return Ops.SUB.apply(this, number(number));
  }

  /** Product. */
  public Tensor mul(Tensor other) {
    return Ops.MUL.apply(this, other);
  }

  /** Product with a number. */
  public Tensor mul(double number) {
    return Ops.MUL.apply(this, number(number));
  }

  /** Quotient. */
  public Tensor div(Tensor other) {
    return Ops.DIV.apply(this, other);
  }

  /** Quotient with a number. */
  public Tensor div(double number) {
    return Ops.DIV.apply(this, number(number));
  }

  /** Power. */
  public Tensor pow(Tensor other) {
    return Ops.POW.apply(this, other);
  }

  /** Power with a number. */
  public Tensor pow(double number) {
    return Ops.POW.apply(this, number(number));
  }

  /** Remainder with the divisor's sign. */
  public Tensor remainder(Tensor other) {
    return Ops.REMAINDER.apply(this, other);
  }

  /** Remainder with the divisor's sign with a number. */
  public Tensor remainder(double number) {
    return Ops.REMAINDER.apply(this, number(number));
  }

  /** Equality. */
  public Tensor eq(Tensor other) {
    return Ops.EQ.apply(this, other);
  }

  /** Equality with a number. */
  public Tensor eq(double number) {
    return Ops.EQ.apply(this, number(number));
  }

  /** Inequality. */
  public Tensor ne(Tensor other) {
    return Ops.NE.apply(this, other);
  }

  /** Inequality with a number. */
  public Tensor ne(double number) {
    return Ops.NE.apply(this, number(number));
  }

  /** Less than. */
  public Tensor lt(Tensor other) {
    return Ops.LT.apply(this, other);
  }

  /** Less than with a number. */
  public Tensor lt(double number) {
    return Ops.LT.apply(this, number(number));
  }

  /** At most. */
  public Tensor le(Tensor other) {
    return Ops.LE.apply(this, other);
  }

  /** At most with a number. */
  public Tensor le(double number) {
    return Ops.LE.apply(this, number(number));
  }

  /** Greater than. */
  public Tensor gt(Tensor other) {
    return Ops.GT.apply(this, other);
  }

  /** Greater than with a number. */
  public Tensor gt(double number) {
    return Ops.GT.apply(this, number(number));
  }

  /** At least. */
  public Tensor ge(Tensor other) {
    return Ops.GE.apply(this, other);
  }

  /** At least with a number. */
  public Tensor ge(double number) {
    return Ops.GE.apply(this, number(number));
  }

  /** {@code number - this}. */
  public Tensor rsub(double number) {
    return Ops.RSUB.apply(this, number(number));
  }

  /** The greater of two. */
  public Tensor maximum(Tensor other) {
    return Ops.MAXIMUM.apply(this, other);
  }

  /** The smaller of two. */
  public Tensor minimum(Tensor other) {
    return Ops.MINIMUM.apply(this, other);
  }

  /** Elements brought into {@code [low, high]}; a bound may be null. */
  public Tensor clamp(@Nullable Double low, @Nullable Double high) {
    return Ops.CLAMP.apply(
        this, low == null ? Op.None.NONE : number(low), high == null ? Op.None.NONE : number(high));
  }

  /** Both true. */
  public Tensor logicalAnd(Tensor other) {
    return Ops.AND.apply(this, other);
  }

  /** Either true. */
  public Tensor logicalOr(Tensor other) {
    return Ops.OR.apply(this, other);
  }

  /** Bitwise exclusive or of whole numbers. */
  public Tensor bitwiseXor(Tensor other) {
    return Ops.XOR.apply(this, other);
  }

  /** Bitwise exclusive or with a whole number. */
  public Tensor bitwiseXor(long number) {
    return Ops.XOR.apply(this, number);
  }

  /** Bitwise and of whole numbers. */
  public Tensor bitwiseAnd(Tensor other) {
    return Ops.BITWISE_AND.apply(this, other);
  }

  /** Whole numbers with their bits moved down by n places, the sign filling in. */
  public Tensor shiftRight(long n) {
    return Ops.SHIFT_RIGHT.apply(this, n);
  }

  /** Negation of truth. */
  public Tensor logicalNot() {
    return Ops.NOT.apply(this);
  }

  /** Neither infinite nor NaN. */
  public Tensor isfinite() {
    return Ops.ISFINITE.apply(this);
  }

  /** Negation. */
  public Tensor neg() {
    return Ops.NEG.apply(this);
  }

  /** Absolute value. */
  public Tensor abs() {
    return Ops.ABS.apply(this);
  }

  /** Sign: -1, 0 or 1. */
  public Tensor sign() {
    return Ops.SIGN.apply(this);
  }

  /** Rounded down. */
  public Tensor floor() {
    return Ops.FLOOR.apply(this);
  }

  /** Rounded to the nearest, halves to even. */
  public Tensor round() {
    return Ops.ROUND.apply(this);
  }

  /** {@code max(x, 0)}. */
  public Tensor relu() {
    return Ops.RELU.apply(this);
  }

  /** e to the power of x. */
  public Tensor exp() {
    return Ops.EXP.apply(this);
  }

  /** {@code exp(x) - 1}. */
  public Tensor expm1() {
    return Ops.EXPM1.apply(this);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return Ops.LOG.apply(this);
  }

  /** {@code log(1 + x)}. */
  public Tensor log1p() {
    return Ops.LOG1P.apply(this);
  }

  /** Square root. */
  public Tensor sqrt() {
    return Ops.SQRT.apply(this);
  }

  /** {@code 1 / sqrt(x)}. */
  public Tensor rsqrt() {
    return Ops.RSQRT.apply(this);
  }

  /** {@code 1 / x}. */
  public Tensor reciprocal() {
    return Ops.RECIPROCAL.apply(this);
  }

  /** Sine. */
  public Tensor sin() {
    return Ops.SIN.apply(this);
  }

  /** Cosine. */
  public Tensor cos() {
    return Ops.COS.apply(this);
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return Ops.TANH.apply(this);
  }

  /** Error function. */
  public Tensor erf() {
    return Ops.ERF.apply(this);
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public Tensor sigmoid() {
    return Ops.SIGMOID.apply(this);
  }

  /** {@code x * sigmoid(x)}. */
  public Tensor silu() {
    return Ops.SILU.apply(this);
  }

  /** {@code x * Phi(x)}, Gaussian error linear unit. */
  public Tensor gelu() {
    return Ops.GELU.apply(this);
  }

  /** {@code log(1 + exp(x))}. */
  public Tensor softplus() {
    return Ops.SOFTPLUS.apply(this);
  }

  /** The same elements, a constant to gradients. */
  public Tensor detach() {
    return Ops.DETACH.apply(this);
  }

  /** The same elements in row order. */
  public Tensor contiguous() {
    return Ops.CONTIGUOUS.apply(this);
  }

  /** The same elements in memory of their own. */
  public Tensor copy() {
    return Ops.CLONE.apply(this);
  }

  /** GELU by its tanh approximation. */
  public Tensor geluTanh() {
    return Ops.GELU.apply(this, new Op.Keyword("approximate", "tanh"));
  }

  /** The elements converted to another type; itself where it has that type. */
  public Tensor to(DType dtype) {
    return dtype() == dtype ? this : Ops.TO.apply(this, dtype);
  }

  /** The bytes of the last axis read as elements of another type. */
  public Tensor viewAs(DType dtype) {
    return Ops.VIEW_AS.apply(this, dtype);
  }

  // Along axes.

  /** Sum over all axes. */
  public Tensor sum() {
    return Ops.SUM.apply(this, axes(), false);
  }

  /** Sum along an axis; {@code keep} leaves it with length 1. */
  public Tensor sum(int axis, boolean keep) {
    return Ops.SUM.apply(this, List.of(end(axis)), keep);
  }

  /** Mean over all axes. */
  public Tensor mean() {
    return Ops.MEAN.apply(this, axes(), false);
  }

  /** Mean along an axis; {@code keep} leaves it with length 1. */
  public Tensor mean(int axis, boolean keep) {
    return Ops.MEAN.apply(this, List.of(end(axis)), keep);
  }

  /** Maximum over all axes. */
  public Tensor amax() {
    return Ops.AMAX.apply(this, axes(), false);
  }

  /** Maximum along an axis; {@code keep} leaves it with length 1. */
  public Tensor amax(int axis, boolean keep) {
    return Ops.AMAX.apply(this, List.of(end(axis)), keep);
  }

  /** Minimum over all axes. */
  public Tensor amin() {
    return Ops.AMIN.apply(this, axes(), false);
  }

  /** Minimum along an axis; {@code keep} leaves it with length 1. */
  public Tensor amin(int axis, boolean keep) {
    return Ops.AMIN.apply(this, List.of(end(axis)), keep);
  }

  /** {@code log(sum(exp(x)))} over all axes. */
  public Tensor logsumexp() {
    return Ops.LOGSUMEXP.apply(this, axes(), false);
  }

  /** {@code log(sum(exp(x)))} along an axis; {@code keep} leaves it with length 1. */
  public Tensor logsumexp(int axis, boolean keep) {
    return Ops.LOGSUMEXP.apply(this, List.of(end(axis)), keep);
  }

  /** Index of the first maximum along an axis. */
  public Tensor argmax(int axis, boolean keep) {
    return Ops.ARGMAX.apply(this, end(axis), keep);
  }

  /** Index of the first minimum along an axis. */
  public Tensor argmin(int axis, boolean keep) {
    return Ops.ARGMIN.apply(this, end(axis), keep);
  }

  /** {@code exp(x) / sum(exp(x))} along an axis. */
  public Tensor softmax(int axis) {
    return Ops.SOFTMAX.apply(this, end(axis));
  }

  /** Logarithm of {@link #softmax}. */
  public Tensor logSoftmax(int axis) {
    return Ops.LOG_SOFTMAX.apply(this, end(axis));
  }

  /**
   * {@code (x - mean) / sqrt(variance + eps)} along the last axis, worked out in float32 at least.
   */
  public Tensor layerNorm(double eps) {
    return Ops.LAYER_NORM.apply(this, List.of(size(-1)), Op.None.NONE, Op.None.NONE, eps);
  }

  /** Running sum along an axis. */
  public Tensor cumsum(int axis) {
    return Ops.CUMSUM.apply(this, end(axis));
  }

  /** Reversed along an axis. */
  public Tensor roll(long n, int axis) {
    return Ops.ROLL.apply(this, List.of(n), List.of((long) end(axis)));
  }

  /** Elements in reverse order along an axis. */
  public Tensor flip(int axis) {
    return Ops.FLIP.apply(this, List.of(end(axis)));
  }

  /** Zero above a diagonal of the last two axes. */
  public Tensor tril(long diagonal) {
    return Ops.TRIL.apply(this, diagonal);
  }

  /** Zero below a diagonal of the last two axes. */
  public Tensor triu(long diagonal) {
    return Ops.TRIU.apply(this, diagonal);
  }

  /** Sorted elements and where they came from. */
  public record Sorted(Tensor values, Tensor indices) {}

  /** The {@code k} greatest along an axis, greatest first. */
  public Sorted topk(long k, int axis) {
    List<? extends Tensor> r = Ops.TOPK.applyAll(this, Dim.of(k), end(axis), true, true);
    return new Sorted(r.get(0), r.get(1));
  }

  /** Sorted along an axis. */
  public Sorted sort(int axis, boolean descending) {
    List<? extends Tensor> r = Ops.SORT.applyAll(this, end(axis), descending);
    return new Sorted(r.get(0), r.get(1));
  }

  // Products.

  /** Matrix product over the last two axes, the others broadcast. */
  public Tensor matmul(Tensor other) {
    return Ops.MATMUL.apply(this, other);
  }

  /** {@code x W^T} for x [.., in] and weight [out, in], computed in the type of x. */
  public Tensor linear(Tensor weight) {
    return Ops.LINEAR.apply(this, weight.to(dtype()), Op.None.NONE);
  }

  /**
   * {@code x W^T + b} for x [.., in], weight [out, in] and bias [out] (or null), in the type of x.
   */
  public Tensor linear(Tensor weight, @Nullable Tensor bias) {
    return Ops.LINEAR.apply(
        this, weight.to(dtype()), bias == null ? Op.None.NONE : bias.to(dtype()));
  }

  /** {@code this + a b}, element by element, with broadcasting. */
  public Tensor addcmul(Tensor a, Tensor b) {
    return Ops.ADDCMUL.apply(this, a, b);
  }

  /** {@code this + alpha a b} for matrices [n, m], [n, k], [k, m], written over this tensor. */
  public Tensor addmm(Tensor a, Tensor b, double alpha) {
    return Ops.ADDMM.apply(this, a, b, new Op.Keyword("beta", 1L), new Op.Keyword("alpha", alpha));
  }

  /** {@code beta this + alpha a b} for a [g, n, k], b [g, k, m]; this broadcasts to [g, n, m]. */
  public Tensor baddbmm(Tensor a, Tensor b, double beta, double alpha) {
    return Ops.BADDBMM.apply(
        this, a, b, new Op.Keyword("beta", beta), new Op.Keyword("alpha", alpha));
  }

  /**
   * Fused attention of queries [.., heads, n, d] to keys and values [.., heads, m, d] under a mask
   * that is added (or null).
   */
  public Tensor attend(Tensor keys, Tensor values, @Nullable Tensor mask, double scale) {
    return Ops.ATTENTION.apply(
        this,
        keys,
        values,
        mask == null ? Op.None.NONE : mask,
        0.0,
        false,
        new Op.Keyword("scale", scale));
  }

  /**
   * {@code x W^T} for bfloat16 x [n, in], int8 weight [out, in] and bfloat16 scale [out]; in must
   * divide by 16. Has no gradient.
   */
  public Tensor int8Linear(Tensor weight, Tensor scale) {
    return int8(weight, scale);
  }

  private Tensor int8(Tensor weight, Tensor scale) {
    // libtorch reads past the end of other widths and takes the process down.
    if (weight.size(-1).value() % 16 != 0) {
      throw new IllegalArgumentException(
          "int8 products need an input width that divides by 16, not " + weight.shape());
    }
    return Ops.INT8_LINEAR.apply(this, weight, scale);
  }

  /**
   * This weight [out, in] in the order that the processor's products read best: for {@link
   * #blockedLinear} and nothing else.
   *
   * @throws KernelException where {@link #canBlock} is false
   */
  public Tensor blocked() {
    return Ops.BLOCKED.apply(this);
  }

  /** Whether weights of a type can be {@link #blocked} on this machine. */
  public static boolean canBlock(DType dtype) {
    return OneDnn.blocks(dtype);
  }

  /** {@code x W^T + b} for x [n, in], a weight given by {@link #blocked}, a bias [out] or null. */
  public Tensor blockedLinear(Tensor weight, @Nullable Tensor bias) {
    return Ops.BLOCKED_LINEAR.apply(this, weight, bias == null ? Op.None.NONE : bias.to(dtype()));
  }

  // Images.

  /**
   * Cross-correlation of images [n, in, h, w] with filters [out, in / groups, kh, kw]: [n, out, (h
   * + 2 padding - kh) / stride + 1, ..], rounded down.
   *
   * @param weight the filters
   * @param bias [out], or null
   * @param stride step of the filters along both axes, at least 1
   * @param padding zeros at each of the four sides
   * @param groups parts of the channels that do not see each other; in and out divide by it
   */
  public Tensor conv2d(
      Tensor weight, @Nullable Tensor bias, long stride, long padding, long groups) {
    return Ops.CONV2D.apply(
        this,
        weight.to(dtype()),
        bias == null ? Op.None.NONE : bias.to(dtype()),
        List.of(stride, stride),
        List.of(padding, padding),
        List.of(1L, 1L),
        groups);
  }

  /**
   * Maxima of square windows of images [n, c, h, w]; a padding, at most half a window, never wins.
   */
  public Tensor maxPool2d(long kernel, long stride, long padding) {
    return pooled(Ops.MAX_POOL2D, kernel, stride, padding);
  }

  /** Means of square windows of images [n, c, h, w], with zeros at the sides counting. */
  public Tensor avgPool2d(long kernel, long stride, long padding) {
    return pooled(Ops.AVG_POOL2D, kernel, stride, padding);
  }

  private Tensor pooled(Op op, long kernel, long stride, long padding) {
    return op.apply(
        this, List.of(kernel, kernel), List.of(stride, stride), List.of(padding, padding));
  }

  /**
   * {@code (x - mean) / sqrt(variance + eps)} of images [n, c, h, w], over each image's channels in
   * groups of c / groups.
   */
  public Tensor groupNorm(long groups, double eps) {
    return Ops.GROUP_NORM.apply(this, groups, Op.None.NONE, Op.None.NONE, eps);
  }

  /**
   * {@code (x - mean) / sqrt(variance + eps)} of images [n, c, h, w], each channel over the whole
   * batch.
   */
  public Tensor batchNorm(double eps) {
    return Ops.BATCH_NORM.apply(
        this, Op.None.NONE, Op.None.NONE, Op.None.NONE, Op.None.NONE, true, 0.0, eps, false);
  }

  /**
   * Zeros around the elements: so many before and after the last axis, before and after the one
   * before it, and so on.
   */
  public Tensor pad(long... amounts) {
    List<Object> numbers = LongStream.of(amounts).mapToObj(a -> (Object) a).toList();
    return Ops.PAD.apply(this, numbers, 0L);
  }

  // Shapes.

  /** The elements in another shape; one length may be -1. */
  public Tensor reshape(long... shape) {
    return reshape(Dim.of(shape));
  }

  /** The elements in another shape; one length may be -1. */
  public Tensor reshape(Dim... shape) {
    return Ops.RESHAPE.apply(this, List.of(shape));
  }

  /** Axes of length 1 repeated to the given lengths; -1 keeps one. */
  public Tensor expand(long... shape) {
    return expand(Dim.of(shape));
  }

  /** Axes of length 1 repeated to the given lengths; -1 keeps one. */
  public Tensor expand(Dim... shape) {
    return Ops.EXPAND.apply(this, List.of(shape));
  }

  /** Axes in another order. */
  public Tensor permute(int... order) {
    return Ops.PERMUTE.apply(
        this,
        LongStream.range(0, order.length)
            .mapToObj(i -> (Object) (long) Meta.axis(order[(int) i], rank()))
            .toList());
  }

  /** Two axes exchanged. */
  public Tensor transpose(int a, int b) {
    return Ops.TRANSPOSE.apply(this, end(a), end(b));
  }

  /** A matrix transposed. */
  public Tensor t() {
    return transpose(-2, -1);
  }

  /** A new axis of length 1. */
  public Tensor unsqueeze(int axis) {
    return Ops.UNSQUEEZE.apply(this, fromEnd(axis, rank() + 1));
  }

  /** Without an axis of length 1. */
  public Tensor squeeze(int axis) {
    return Ops.SQUEEZE.apply(this, end(axis));
  }

  /** The slice [start, start + length) of an axis. */
  public Tensor narrow(int axis, Dim start, Dim length) {
    return Ops.NARROW.apply(this, end(axis), start, length);
  }

  /** The slice [start, start + length) of an axis. */
  public Tensor narrow(int axis, long start, long length) {
    return narrow(axis, Dim.of(start), Dim.of(length));
  }

  /** One entry of an axis, which goes. */
  public Tensor select(int axis, Dim index) {
    return Ops.SELECT.apply(this, end(axis), index);
  }

  /** One entry of an axis, which goes. */
  public Tensor select(int axis, long index) {
    return select(axis, index < 0 ? size(axis).plus(index) : Dim.of(index));
  }

  /** Each entry of an axis repeated n times, one after another. */
  public Tensor repeatInterleave(long n, int axis) {
    return Ops.REPEAT_INTERLEAVE.apply(this, Dim.of(n), end(axis));
  }

  /** Pieces of the given lengths along an axis. */
  public List<Tensor> split(int axis, long... lengths) {
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long n : lengths) {
      parts.add(narrow(axis, start, n));
      start += n;
    }
    return parts;
  }

  // Indexing.

  /** Entries of an axis picked by an int64 vector. */
  public Tensor indexSelect(int axis, Tensor index) {
    return Ops.INDEX_SELECT.apply(this, end(axis), index);
  }

  /** One element an index along an axis; index has this tensor's axes. */
  public Tensor gather(int axis, Tensor index) {
    return Ops.GATHER.apply(this, end(axis), index);
  }

  /** Rows of this table [rows, width] picked by ids of any shape. */
  public Tensor embedding(Tensor ids) {
    return Ops.EMBEDDING.apply(this, ids);
  }

  /** Adds rows of {@code source} at the places of an int64 vector along an axis. */
  public Tensor indexAdd(int axis, Tensor index, Tensor source) {
    return Ops.INDEX_ADD.apply(this, end(axis), index, source);
  }

  /** Adds elements of {@code source} at the places of an index of its shape. */
  public Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return Ops.SCATTER_ADD.apply(this, end(axis), index, source);
  }

  /**
   * Writes {@code source} into this tensor's own memory from {@code start} along an axis, and
   * returns this tensor.
   */
  public Tensor write(int axis, Dim start, Tensor source) {
    return Ops.WRITE.apply(this, end(axis), start, source);
  }

  /** {@code number} where the mask holds. */
  public Tensor maskedFill(Tensor mask, double number) {
    return Ops.WHERE.apply(mask, number(number), this);
  }

  private List<Object> axes() {
    return LongStream.range(0, rank()).mapToObj(i -> (Object) (i - rank())).toList();
  }

  private Object number(double n) {
    // Whole-number tensors keep their type under whole numbers.
    return !dtype().isFloating() && n == Math.rint(n) && Math.abs(n) < 0x1p53
        ? (Object) (long) n
        : (Object) n;
  }

  private Long end(int axis) {
    return fromEnd(axis, rank());
  }

  private static Long fromEnd(int axis, int rank) {
    return (long) Meta.fromEnd(axis, rank);
  }
}
