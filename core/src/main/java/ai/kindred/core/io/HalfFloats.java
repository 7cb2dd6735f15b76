package ai.kindred.core.io;

/** 16-bit floating-point numbers as floats; every one of them is exact. */
final class HalfFloats {
  private HalfFloats() {}

  /** The IEEE half-precision number with these 16 bits. */
  static float fromFloat16(short bits) {
    int magnitude = bits & 0x7fff;
    int sign = (bits & 0x8000) << 16;
    if (magnitude >= 0x7c00) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (magnitude << 13));
    }
    // Shifted into place the exponent is 112 too small; a power of two mends it, subnormals too.
    float value = Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
  }

  /** The bfloat16 number with these 16 bits: the upper half of a float. */
  static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
