package ai.kindred.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class StoredTensorTest {
  @Test
  void factoriesStoreLittleEndian() {
    StoredTensor floats = StoredTensor.of(new float[] {1, -2}, 2, 1);
    assertThat(bytes(floats)).containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0);
    assertThat(floats.toString()).isEqualTo("FLOAT32[2, 1]");
    assertThat(bytes(StoredTensor.of(new int[] {258}, 1))).containsExactly(2, 1, 0, 0);
    assertThat(bytes(StoredTensor.of(new long[] {258}))).containsExactly(2, 1, 0, 0, 0, 0, 0, 0);
    assertThat(bytes(StoredTensor.of(new double[] {1}, 1)))
        .containsExactly(0, 0, 0, 0, 0, 0, (byte) 0xf0, 0x3f);
    assertThat(StoredTensor.of(new float[0], 3, 0).elements()).isZero();
    assertThat(StoredTensor.of(new long[] {7}).elements()).isOne();
  }

  @Test
  void nothingOutsideCanChangeIt() {
    long[] shape = {2};
    ByteBuffer data = ByteBuffer.allocate(10).position(2).order(ByteOrder.BIG_ENDIAN);
    StoredTensor tensor = new StoredTensor(DType.INT32, shape, data);
    shape[0] = 5;
    tensor.shape()[0] = 6;
    tensor.data().getInt();
    assertThat(tensor.shape()).containsExactly(2);
    assertThat(tensor.data().position()).isZero();
    assertThat(tensor.data().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThatThrownBy(() -> tensor.data().put(0, (byte) 1))
        .isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void impossibleShapesAreRefused() {
    assertThatThrownBy(() -> StoredTensor.of(new float[] {1, 2}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a FLOAT32 tensor of shape [3] has 12 bytes, not 8");
    assertThatThrownBy(() -> StoredTensor.of(new float[] {1, 2}, -2, -1))
        .hasMessage("the shape [-2, -1] has a negative dim");
    assertThatThrownBy(() -> StoredTensor.of(new float[0], 1L << 32, 1L << 32))
        .hasMessage("the shape [4294967296, 4294967296] overflows");
    assertThatThrownBy(() -> StoredTensor.of(new float[0], 1L << 62))
        .hasMessage("the shape [4611686018427387904] overflows");
  }

  /** All 65,536 half-precision numbers against the definition of IEEE 754. */
  @Test
  void float16IsExact() {
    float[] values = all16Bit(DType.FLOAT16).toFloats();
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      int fraction = bits & 1023;
      double magnitude =
          exponent == 0 ? fraction * 0x1p-24 : Math.scalb(1 + fraction / 1024.0, exponent - 15);
      if (exponent == 31) {
        magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      }
      float expected = (float) (bits < 1 << 15 ? magnitude : -magnitude);
      assertThat(values[bits]).as("bits %x", bits).isEqualTo(Float.valueOf(expected));
    }
  }

  @Test
  void bfloat16IsTheUpperHalfOfAFloat() {
    float[] values = all16Bit(DType.BFLOAT16).toFloats();
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 7 & 255;
      int fraction = bits & 127;
      double magnitude =
          exponent == 0 ? fraction * 0x1p-133 : Math.scalb(1 + fraction / 128.0, exponent - 127);
      if (exponent == 255) {
        magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      }
      float expected = (float) (bits < 1 << 15 ? magnitude : -magnitude);
      assertThat(values[bits]).as("bits %x", bits).isEqualTo(Float.valueOf(expected));
    }
  }

  @Test
  void onlyFloatsBecomeFloats() {
    assertThat(StoredTensor.of(new double[] {0.1, 1e300}, 2).toFloats())
        .containsExactly(0.1f, Float.POSITIVE_INFINITY);
    assertThatThrownBy(() -> StoredTensor.of(new int[] {1}, 1).toFloats())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("elements of type INT32 are no floats");
  }

  private static StoredTensor all16Bit(DType dtype) {
    ByteBuffer data = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      data.putShort((short) bits);
    }
    return new StoredTensor(dtype, new long[] {1 << 16}, data.flip());
  }

  private static byte[] bytes(StoredTensor tensor) {
    byte[] bytes = new byte[tensor.data().remaining()];
    tensor.data().get(bytes);
    return bytes;
  }
}
