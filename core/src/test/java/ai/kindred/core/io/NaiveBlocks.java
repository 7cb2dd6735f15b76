package ai.kindred.core.io;

/**
 * Elements of quantised blocks one at a time in double precision, from the layout of each format
 * bit by bit: slow, and written without a look at the loops that it checks.
 */
final class NaiveBlocks {
  private NaiveBlocks() {}

  /** Element i of the block that starts at a byte. */
  static double element(GgmlType type, byte[] b, int at, int i) {
    return switch (type) {
      // Byte 2 + i is element i.
      case Q8_0 -> half(b, at) * b[at + 2 + i];
      case Q4_0 -> half(b, at) * (nibble(b, at + 2, i) - 8);
      case Q4_1 -> half(b, at) * nibble(b, at + 4, i) + half(b, at + 2);
      case Q5_0 -> half(b, at) * (nibble(b, at + 6, i) + 16 * bit(b, at + 2, i) - 16);
      case Q5_1 -> half(b, at) * (nibble(b, at + 8, i) + 16 * bit(b, at + 4, i)) + half(b, at + 2);
      case Q4_K -> affine(b, at, i, nibbleOf64(b, at + 16, i));
      case Q5_K ->
          affine(b, at, i, nibbleOf64(b, at + 48, i) + 16 * bit(b, at + 16, 8 * (i % 32) + i / 32));
      case Q6_K -> sixBits(b, at, i);
      default -> throw new IllegalArgumentException(type.name());
    };
  }

  /** Of 16 bytes: lower halves are elements 0 to 15, upper ones 16 to 31. */
  private static int nibble(byte[] b, int at, int i) {
    return bits(b, 8 * (at + i % 16) + (i < 16 ? 0 : 4), 4);
  }

  /** Each 32 bytes hold 64 elements: lower halves first, then the upper ones. */
  private static int nibbleOf64(byte[] b, int at, int i) {
    return bits(b, 8 * (at + 32 * (i / 64) + i % 32) + (i % 64 < 32 ? 0 : 4), 4);
  }

  private static double affine(byte[] b, int at, int i, int q) {
    int group = i / 32;
    int packed = 8 * (at + 4);
    int scale;
    int min;
    if (group < 4) {
      scale = bits(b, packed + 8 * group, 6);
      min = bits(b, packed + 8 * (group + 4), 6);
    } else {
      scale = bits(b, packed + 8 * (group + 4), 4) + 16 * bits(b, packed + 8 * (group - 4) + 6, 2);
      min = bits(b, packed + 8 * (group + 4) + 4, 4) + 16 * bits(b, packed + 8 * group + 6, 2);
    }
    return half(b, at) * scale * q - half(b, at + 2) * min;
  }

  /** Each half of the block: 64 bytes of 4 lower bits, 32 of 2 upper bits, 8 signed scales. */
  private static double sixBits(byte[] b, int at, int i) {
    int side = i / 128;
    int quarter = i % 128 / 32;
    int l = i % 32;
    int low = bits(b, 8 * (at + 64 * side + 32 * (quarter % 2) + l) + 4 * (quarter / 2), 4);
    int high = bits(b, 8 * (at + 128 + 32 * side + l) + 2 * quarter, 2);
    return half(b, at + 208) * b[at + 192 + i / 16] * (low + 16 * high - 32);
  }

  private static int bit(byte[] b, int at, int i) {
    return bits(b, 8 * at + i, 1);
  }

  /** Bits of a little-endian bit string, within one byte. */
  private static int bits(byte[] b, int from, int count) {
    return b[from / 8] >> from % 8 & (1 << count) - 1;
  }

  private static double half(byte[] b, int at) {
    int bits = (b[at] & 0xff) + 256 * (b[at + 1] & 0xff);
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double magnitude =
        exponent == 0 ? fraction * 0x1p-24 : Math.scalb(1 + fraction / 1024.0, exponent - 15);
    return bits < 1 << 15 ? magnitude : -magnitude;
  }
}
