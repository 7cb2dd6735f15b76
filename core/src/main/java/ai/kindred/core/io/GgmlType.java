package ai.kindred.core.io;

import ai.kindred.core.kernel.DType;
import org.jspecify.annotations.Nullable;

/**
 * Element types of GGUF files that can be read: plain ones, and blocks of quantised elements that
 * share scales.
 */
enum GgmlType {
  F32(0, DType.FLOAT32),
  F16(1, DType.FLOAT16),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  I8(24, DType.INT8),
  I16(25, DType.INT16),
  I32(26, DType.INT32),
  I64(27, DType.INT64),
  F64(28, DType.FLOAT64),
  BF16(30, DType.BFLOAT16);

  /** The number in files. */
  final int id;

  final int blockElements;
  final int blockBytes;

  /** The same type outside GGUF; null for quantised blocks. */
  final @Nullable DType plain;

  GgmlType(int id, DType plain) {
    this.id = id;
    this.blockElements = 1;
    this.blockBytes = plain.bytes();
    this.plain = plain;
  }

  GgmlType(int id, int blockElements, int blockBytes) {
    this.id = id;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.plain = null;
  }

  static @Nullable GgmlType of(int id) {
    for (GgmlType type : values()) {
      if (type.id == id) {
        return type;
      }
    }
    return null;
  }
}
