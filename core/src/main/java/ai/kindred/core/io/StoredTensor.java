package ai.kindred.core.io;

import ai.kindred.core.kernel.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Arrays;

/**
 * A tensor as files hold it: its elements in row-major order, little-endian.
 *
 * @param dtype type of the elements
 * @param shape dims in PyTorch's order; empty for a scalar
 * @param data exactly the elements' bytes. Taken as a read-only view of the remaining bytes of the
 *     buffer given: values are not copied. The accessor gives a new view each time, at position 0,
 *     in little-endian order
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, compared by content
public record StoredTensor(DType dtype, long[] shape, ByteBuffer data) {

  /**
   * @throws IllegalArgumentException where the shape is impossible or does not fit the bytes
   */
  public StoredTensor {
    shape = shape.clone();
    data = data.slice().asReadOnlyBuffer();
    long bytes;
    try {
      bytes = Shapes.bytes(shape, dtype.bytes());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (bytes != data.remaining()) {
      throw new IllegalArgumentException(
          "a "
              + dtype
              + " tensor of shape "
              + Arrays.toString(shape)
              + " has "
              + bytes
              + " bytes, not "
              + data.remaining());
    }
  }

  /** A FLOAT32 tensor; the values are copied. */
  public static StoredTensor of(float[] values, long... shape) {
    ByteBuffer data = allocate(values.length, Float.BYTES);
    data.asFloatBuffer().put(values);
    return new StoredTensor(DType.FLOAT32, shape, data);
  }

  /** A FLOAT64 tensor; the values are copied. */
  public static StoredTensor of(double[] values, long... shape) {
    ByteBuffer data = allocate(values.length, Double.BYTES);
    data.asDoubleBuffer().put(values);
    return new StoredTensor(DType.FLOAT64, shape, data);
  }

  /** An INT64 tensor; the values are copied. */
  public static StoredTensor of(long[] values, long... shape) {
    ByteBuffer data = allocate(values.length, Long.BYTES);
    data.asLongBuffer().put(values);
    return new StoredTensor(DType.INT64, shape, data);
  }

  /** An INT32 tensor; the values are copied. */
  public static StoredTensor of(int[] values, long... shape) {
    ByteBuffer data = allocate(values.length, Integer.BYTES);
    data.asIntBuffer().put(values);
    return new StoredTensor(DType.INT32, shape, data);
  }

  /** Direct memory, so that tensors can share it. */
  static ByteBuffer allocate(long elements, int elementBytes) {
    long bytes = elements * elementBytes;
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          elements
              + " elements of "
              + elementBytes
              + " bytes are more than one buffer holds, 2 GiB");
    }
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Number of elements. */
  public long elements() {
    return data.capacity() / dtype.bytes();
  }

  /**
   * The elements of a floating-point tensor, FLOAT64 rounded.
   *
   * @throws IllegalStateException for other element types
   */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    switch (dtype) {
      case FLOAT32 -> data().asFloatBuffer().get(values);
      case FLOAT64 -> {
        var doubles = data().asDoubleBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) doubles.get(i);
        }
      }
      case FLOAT16 -> {
        ShortBuffer bits = data().asShortBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = HalfFloats.fromFloat16(bits.get(i));
        }
      }
      case BFLOAT16 -> {
        ShortBuffer bits = data().asShortBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = HalfFloats.fromBfloat16(bits.get(i));
        }
      }
      default -> throw new IllegalStateException("elements of type " + dtype + " are no floats");
    }
    return values;
  }

  /** Whether type, shape and bytes are equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof StoredTensor that
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && data.equals(that.data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + data.hashCode();
  }

  /** Type and shape; never the values. */
  @Override
  public String toString() {
    return dtype + Arrays.toString(shape);
  }
}
