package ai.kindred.core.kernel;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** A tensor that holds numbers. Its type is kept here because DJL cannot name bfloat16. */
final class Value extends Tensor {

  private final PtNDArray array;
  private final Meta meta;
  private final List<ByteBuffer> backing;

  Value(PtNDArray array, DType dtype, List<ByteBuffer> backing) {
    this.array = array;
    this.backing = backing;
    this.meta = Meta.of(dtype, Dim.of(array.getShape().getShape()));
  }

  PtNDArray array() {
    if (array.isReleased()) {
      throw new IllegalStateException(
          "the tensor "
              + meta.dtype()
              + meta.shape()
              + " was closed with its scope; Scope.keep hands it out");
    }
    return array;
  }

  /** Java's memory that the elements lie in, if any: kept alive by this reference. */
  List<ByteBuffer> backing() {
    return backing;
  }

  void attach(PtNDManager manager) {
    array().attach(manager);
  }

  @Override
  Meta meta() {
    return meta;
  }

  @Override
  public List<Dim> shape() {
    return meta.shape();
  }

  @Override
  public DType dtype() {
    return meta.dtype();
  }

  @Override
  public Dim toDim() {
    requireNumber();
    return Dim.of(toLongs()[0]);
  }

  @Override
  public void close() {
    array.close();
  }

  /** The elements' bytes, little-endian, row by row. */
  ByteBuffer bytes() {
    return array().toByteBuffer(false).order(ByteOrder.nativeOrder());
  }

  static Value over(ByteBuffer data, DType dtype, long... shape) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    if (Math.multiplyExact(elements, (long) dtype.bytes()) != data.remaining()) {
      throw new IllegalArgumentException(
          data.remaining() + " bytes do not hold " + dtype + Arrays.toString(shape));
    }
    // Native code sees where a buffer begins, not its position.
    ByteBuffer memory = data.isDirect() ? data.slice() : copied(data);
    PtNDArray array = Scope.current().manager().create(memory, new Shape(shape), Djl.type(dtype));
    return new Value(array, dtype, List.of(memory));
  }

  private static ByteBuffer copied(ByteBuffer data) {
    return ByteBuffer.allocateDirect(data.remaining()).put(data.duplicate()).flip();
  }

  @Override
  public String toString() {
    String head = "Tensor " + meta.dtype() + meta.shape();
    if (array.isReleased()) {
      return head + " closed";
    }
    long elements = array.getShape().size();
    return elements > 64
        ? head
        : head
            + " "
            + (dtype().isFloating() ? Arrays.toString(toDoubles()) : Arrays.toString(toLongs()));
  }
}
