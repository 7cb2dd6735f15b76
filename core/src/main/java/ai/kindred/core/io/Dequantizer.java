package ai.kindred.core.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Floats of quantised blocks, in the formats that ggml defines. All are small integers times a
 * half-precision scale, with or without a minimum; the K formats quantise the scales in turn.
 * Results are those of ggml's reference functions, operation by operation.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c">ggml</a>
 */
final class Dequantizer {
  /** Elements that are worked on at once: a multiple of every block, and small enough for L1. */
  private static final int CHUNK = 2048;

  /** No minimum: adding it changes no float, not even the sign of a zero. */
  private static final float NONE = -0f;

  private Dequantizer() {}

  /** Writes the FLOAT32 elements of whole blocks; the memory holds exactly as many. */
  static ByteBuffer toFloats(GgmlType type, ByteBuffer blocks, ByteBuffer result) {
    FloatBuffer floats = result.asFloatBuffer();
    int blocksAtOnce = CHUNK / type.blockElements;
    byte[] in = new byte[blocksAtOnce * type.blockBytes];
    float[] out = new float[CHUNK];
    ByteBuffer rest = blocks.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (rest.hasRemaining()) {
      int n = Math.min(blocksAtOnce, rest.remaining() / type.blockBytes);
      rest.get(in, 0, n * type.blockBytes);
      for (int block = 0; block < n; block++) {
        block(type, in, block * type.blockBytes, out, block * type.blockElements);
      }
      floats.put(out, 0, n * type.blockElements);
    }
    return result;
  }

  private static void block(GgmlType type, byte[] b, int at, float[] y, int to) {
    switch (type) {
      case Q8_0 -> q8(b, at, y, to);
      case Q4_0 -> q4(b, at + 2, half(b, at), -8, NONE, y, to);
      case Q4_1 -> q4(b, at + 4, half(b, at), 0, half(b, at + 2), y, to);
      case Q5_0 -> q5(b, at + 2, half(b, at), -16, NONE, y, to);
      case Q5_1 -> q5(b, at + 4, half(b, at), 0, half(b, at + 2), y, to);
      case Q4_K -> q4k(b, at, y, to);
      case Q5_K -> q5k(b, at, y, to);
      case Q6_K -> q6k(b, at, y, to);
      default -> throw new IllegalArgumentException(type + " is no quantised type");
    }
  }

  /** d * q: scale, 32 bytes. */
  private static void q8(byte[] b, int at, float[] y, int to) {
    float d = half(b, at);
    for (int j = 0; j < 32; j++) {
      y[to + j] = b[at + 2 + j] * d;
    }
  }

  /** d * (q + zero) + m: 16 bytes, whose lower halves are elements 0 to 15. */
  private static void q4(byte[] b, int at, float d, int zero, float m, float[] y, int to) {
    for (int j = 0; j < 16; j++) {
      int q = b[at + j];
      y[to + j] = ((q & 0xf) + zero) * d + m;
      y[to + j + 16] = (((q >> 4) & 0xf) + zero) * d + m;
    }
  }

  /** As {@link #q4}, with fifth bits in 4 bytes before: bit j for element j. */
  private static void q5(byte[] b, int at, float d, int zero, float m, float[] y, int to) {
    int high = int32(b, at);
    for (int j = 0; j < 16; j++) {
      int q = b[at + 4 + j];
      int low = (q & 0xf) | (((high >>> j) & 1) << 4);
      int upper = ((q >> 4) & 0xf) | (((high >>> (j + 16)) & 1) << 4);
      y[to + j] = (low + zero) * d + m;
      y[to + j + 16] = (upper + zero) * d + m;
    }
  }

  /** 8 groups of 32: d * scale * q - dmin * min; scales and mins have 6 bits each in 12 bytes. */
  private static void q4k(byte[] b, int at, float[] y, int to) {
    float d = half(b, at);
    float dmin = half(b, at + 2);
    int scales = at + 4;
    int qs = at + 16;
    for (int pair = 0; pair < 4; pair++) {
      float d1 = d * scale(b, scales, 2 * pair);
      float m1 = dmin * min(b, scales, 2 * pair);
      float d2 = d * scale(b, scales, 2 * pair + 1);
      float m2 = dmin * min(b, scales, 2 * pair + 1);
      for (int l = 0; l < 32; l++) {
        int q = b[qs + 32 * pair + l];
        y[to + 64 * pair + l] = d1 * (q & 0xf) - m1;
        y[to + 64 * pair + 32 + l] = d2 * ((q >> 4) & 0xf) - m2;
      }
    }
  }

  /** As {@link #q4k}, with fifth bits in 32 bytes: bit g of byte l for element l of group g. */
  private static void q5k(byte[] b, int at, float[] y, int to) {
    float d = half(b, at);
    float dmin = half(b, at + 2);
    int scales = at + 4;
    int high = at + 16;
    int qs = at + 48;
    for (int pair = 0; pair < 4; pair++) {
      float d1 = d * scale(b, scales, 2 * pair);
      float m1 = dmin * min(b, scales, 2 * pair);
      float d2 = d * scale(b, scales, 2 * pair + 1);
      float m2 = dmin * min(b, scales, 2 * pair + 1);
      for (int l = 0; l < 32; l++) {
        int q = b[qs + 32 * pair + l];
        int h = b[high + l] >> (2 * pair);
        y[to + 64 * pair + l] = d1 * ((q & 0xf) | ((h & 1) << 4)) - m1;
        y[to + 64 * pair + 32 + l] = d2 * (((q >> 4) & 0xf) | ((h & 2) << 3)) - m2;
      }
    }
  }

  /** 16 groups of 16: d * scale * (q - 32); 4 lower bits, 2 upper bits, 8-bit scales, then d. */
  private static void q6k(byte[] b, int at, float[] y, int to) {
    float d = half(b, at + 208);
    for (int side = 0; side < 2; side++) {
      int low = at + 64 * side;
      int high = at + 128 + 32 * side;
      int scales = at + 192 + 8 * side;
      int o = to + 128 * side;
      for (int l = 0; l < 32; l++) {
        int group = scales + l / 16;
        int a = b[low + l];
        int c = b[low + l + 32];
        int h = b[high + l];
        y[o + l] = d * b[group] * (((a & 0xf) | ((h & 3) << 4)) - 32);
        y[o + l + 32] = d * b[group + 2] * (((c & 0xf) | (((h >> 2) & 3) << 4)) - 32);
        y[o + l + 64] = d * b[group + 4] * ((((a >> 4) & 0xf) | (((h >> 4) & 3) << 4)) - 32);
        y[o + l + 96] = d * b[group + 6] * ((((c >> 4) & 0xf) | (((h >> 6) & 3) << 4)) - 32);
      }
    }
  }

  /** Scale of group j: the first four are the lower 6 bits of bytes 0 to 3. */
  private static int scale(byte[] b, int at, int j) {
    return j < 4 ? b[at + j] & 63 : (b[at + j + 4] & 0xf) | (((b[at + j - 4] >> 6) & 3) << 4);
  }

  /** Minimum of group j: the first four are the lower 6 bits of bytes 4 to 7. */
  private static int min(byte[] b, int at, int j) {
    return j < 4
        ? b[at + j + 4] & 63
        : ((b[at + j + 4] >> 4) & 0xf) | (((b[at + j] >> 6) & 3) << 4);
  }

  private static float half(byte[] b, int at) {
    return HalfFloats.fromFloat16((short) ((b[at] & 0xff) | (b[at + 1] << 8)));
  }

  private static int int32(byte[] b, int at) {
    return (b[at] & 0xff)
        | (b[at + 1] & 0xff) << 8
        | (b[at + 2] & 0xff) << 16
        | (b[at + 3] & 0xff) << 24;
  }
}
