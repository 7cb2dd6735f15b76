package ai.kindred.core.kernel;

import ai.djl.ndarray.types.DataType;

/** DJL's names of element types. */
final class Djl {

  private Djl() {}

  /**
   * DJL's type.
   *
   * @throws IllegalArgumentException for types that DJL cannot map to memory
   */
  static DataType type(DType dtype) {
    return switch (dtype) {
      case UINT8 -> DataType.UINT8;
      case INT8 -> DataType.INT8;
      case INT32 -> DataType.INT32;
      case INT64 -> DataType.INT64;
      case FLOAT16 -> DataType.FLOAT16;
      case FLOAT32 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
      case BOOL -> DataType.BOOLEAN;
      case INT16, BFLOAT16 ->
          throw new IllegalArgumentException(
              dtype + " does not exist in DJL; convert it with Tensor.to first");
    };
  }

  static DType type(DataType type) {
    return switch (type) {
      case UINT8 -> DType.UINT8;
      case INT8 -> DType.INT8;
      case INT32 -> DType.INT32;
      case INT64 -> DType.INT64;
      case FLOAT16 -> DType.FLOAT16;
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      case BOOLEAN -> DType.BOOL;
      default -> throw new IllegalArgumentException("DJL's type " + type + " has no tensor here");
    };
  }
}
