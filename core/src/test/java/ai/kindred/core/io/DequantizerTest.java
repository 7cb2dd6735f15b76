package ai.kindred.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DequantizerTest {

  static Stream<GgmlType> quantised() {
    return Arrays.stream(GgmlType.values()).filter(t -> t.plain == null);
  }

  /** Where a block holds half-precision numbers. */
  private static List<Integer> halves(GgmlType type) {
    return switch (type) {
      case Q4_1, Q5_1, Q4_K, Q5_K -> List.of(0, 2);
      case Q6_K -> List.of(208);
      default -> List.of(0);
    };
  }

  private static float[] floats(GgmlType type, byte[] blocks) {
    ByteBuffer data = Dequantizer.toFloats(type, ByteBuffer.wrap(blocks), memory(type, blocks));
    float[] values = new float[data.remaining() / 4];
    data.asFloatBuffer().get(values);
    return values;
  }

  /** Random blocks, enough of them that chunks end in the middle. */
  @ParameterizedTest
  @MethodSource("quantised")
  void blocksAreWhatTheFormatDefines(GgmlType type) {
    SplittableRandom random = Key.of(3).fold("blocks").fold(type.name()).random();
    int count = 2 * 2048 / type.blockElements + 3;
    byte[] blocks = new byte[count * type.blockBytes];
    random.nextBytes(blocks);
    for (int block = 0; block < count; block++) {
      for (int half : halves(type)) {
        // Exponents up to 15 of 31: neither infinities nor NaN.
        blocks[block * type.blockBytes + half + 1] &= (byte) 0xbf;
      }
    }
    float[] values = floats(type, blocks);
    assertThat(values).hasSize(count * type.blockElements);
    for (int block = 0; block < count; block++) {
      double[] expected = new double[type.blockElements];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = NaiveBlocks.element(type, blocks, block * type.blockBytes, i);
      }
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < expected.length; i++) {
        // Floats are rounded a few times, at the size of the block's largest element.
        assertThat((double) values[block * type.blockElements + i])
            .as("element %d of block %d", i, block)
            .isCloseTo(expected[i], within(1e-6 * largest));
      }
    }
  }

  /**
   * Bits of the floats that gguf-py 0.19.0 makes of three blocks of byte i = 7 i^2 + 13 i + 5, with
   * (scale, minimum) set to (0.0123, -0.375), (-1.5, 2) and (6e-5, 1e-7) in half precision.
   */
  @ParameterizedTest
  @CsvSource({
    "Q4_0, 1699212275", "Q4_1, 2635899543", "Q5_0, 857517905", "Q5_1, 2892962883",
    "Q8_0, 960216349", "Q4_K, 3838646163", "Q5_K, 3960638468", "Q6_K, 2133026834"
  })
  void bitsAreThoseOfTheReferenceImplementation(GgmlType type, long crc) {
    short[][] scales = {{0x224c, (short) 0xb600}, {(short) 0xbe00, 0x4000}, {0x03ef, 0x0002}};
    byte[] blocks = new byte[3 * type.blockBytes];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = (byte) (7 * i * i + 13 * i + 5);
    }
    for (int block = 0; block < 3; block++) {
      for (int k = 0; k < halves(type).size(); k++) {
        int at = block * type.blockBytes + halves(type).get(k);
        blocks[at] = (byte) scales[block][k];
        blocks[at + 1] = (byte) (scales[block][k] >> 8);
      }
    }
    CRC32 crc32 = new CRC32();
    crc32.update(Dequantizer.toFloats(type, ByteBuffer.wrap(blocks), memory(type, blocks)));
    assertThat(crc32.getValue()).isEqualTo(crc);
  }

  /** CRC-32 of all 272 tensors' floats in the file's order, from gguf-py 0.19.0. */
  @Test
  void smolLm2HasTheReferenceImplementationsBits() throws IOException {
    Path path = TestData.data("smollm2-135m-instruct/model.Q4_1.gguf");
    CRC32 crc = new CRC32();
    try (GgufFile file = GgufFile.open(path)) {
      for (String name : file.names()) {
        crc.update(file.get(name).data());
      }
    }
    assertThat(crc.getValue()).isEqualTo(2_040_541_041L);
  }

  private static ByteBuffer memory(GgmlType type, byte[] blocks) {
    return StoredTensor.allocate(
        blocks.length / type.blockBytes * (long) type.blockElements, Float.BYTES);
  }
}
