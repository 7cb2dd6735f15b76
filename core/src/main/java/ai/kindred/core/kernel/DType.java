package ai.kindred.core.kernel;

/** Element type of a tensor, with PyTorch's scalar-type code and its size in bytes. */
public enum DType {
  /** Unsigned 8-bit integer. */
  UINT8(0, 1),
  /** Signed 8-bit integer. */
  INT8(1, 1),
  /** Signed 16-bit integer. */
  INT16(2, 2),
  /** Signed 32-bit integer. */
  INT32(3, 4),
  /** Signed 64-bit integer. */
  INT64(4, 8),
  /** IEEE half precision. */
  FLOAT16(5, 2),
  /** IEEE single precision. */
  FLOAT32(6, 4),
  /** IEEE double precision. */
  FLOAT64(7, 8),
  /** Boolean, one byte an element. */
  BOOL(11, 1),
  /** Truncated single precision: 8 exponent and 7 fraction bits. */
  BFLOAT16(15, 2);

  private final int code;
  private final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** PyTorch's {@code ScalarType} number, as written in programs. */
  int code() {
    return code;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are real numbers, so that gradients exist. */
  public boolean isFloating() {
    return switch (this) {
      case FLOAT16, FLOAT32, FLOAT64, BFLOAT16 -> true;
      default -> false;
    };
  }
}
