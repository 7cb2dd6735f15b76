package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFilesTest {

  @TempDir private Path folder = Path.of("");

  private static byte[] idx(byte[] elements, int... shape) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + elements.length);
    file.put(new byte[] {0, 0, 8, (byte) shape.length});
    Arrays.stream(shape).forEach(file::putInt);
    return file.put(elements).array();
  }

  private static byte[] gzipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] counted(int n) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) (i * 37);
    }
    return bytes;
  }

  @Test
  void readsPlainAndGzippedFiles() throws IOException {
    byte[] pixels = counted(2 * 3 * 4);
    file("train-images-idx3-ubyte", idx(pixels, 2, 3, 4));
    file("train-labels-idx1-ubyte.gz", gzipped(idx(new byte[] {9, (byte) 200}, 2)));
    Images images = IdxFiles.training(folder);
    assertThat(images.size()).isEqualTo(2);
    assertThat(images.labels()).containsExactly(9, 200);
    assertThat(images.classes()).isEqualTo(201);
    try (Scope scope = Scope.open()) {
      assertThat(images.bytes(1).lengths()).containsExactly(1, 1, 3, 4);
      float[] second = images.floats(1, 0).select(0, 0).contiguous().toFloats();
      for (int i = 0; i < 12; i++) {
        assertThat(second[i]).isEqualTo(Byte.toUnsignedInt(pixels[12 + i]) / 255f);
      }
      assertThat(images.labels(1, 0).toLongs()).containsExactly(200, 9);
      assertThat(images.subset(1).labels(0).toLongs()).containsExactly(200);
      assertThat(images.subset(1).pixels()).containsExactly(Arrays.copyOfRange(pixels, 12, 24));
      assertThat(scope.size()).isPositive();
    }
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] images, byte[] labels)
      throws IOException {
    Path x = file("images", images);
    Path y = file("labels", labels);
    return assertThatThrownBy(() -> IdxFiles.read(x, y)).isInstanceOf(MalformedFileException.class);
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    byte[] labels = idx(new byte[] {1, 2}, 2);
    byte[] good = idx(counted(24), 2, 3, 4);
    refused(labels, labels)
        .hasMessageContaining("images: it begins with bytes [0, 0, 8, 1]")
        .hasMessageContaining("with 3 axes begins with [0, 0, 8, 3]");
    byte[] floats = good.clone();
    floats[2] = 0x0d;
    refused(floats, labels).hasMessageContaining("[0, 0, 13, 3]");
    refused(new byte[] {1}, labels).hasMessageContaining("begins with bytes [1]");
    refused(Arrays.copyOf(good, 9), labels).hasMessageContaining("ends inside its header");
    refused(Arrays.copyOf(good, 30), labels)
        .hasMessageContaining("says that it has [2, 3, 4] elements and ends after 14");
    refused(Arrays.copyOf(good, 41), labels).hasMessageContaining("goes on after the 24 elements");
    refused(idx(counted(36), 3, 3, 4), labels)
        .hasMessageContaining("it has 3 images and")
        .hasMessageContaining("has 2 labels");
    refused(idx(new byte[0], 2, -3, 4), labels).hasMessageContaining("lengths [2, -3]");
    refused(idx(new byte[0], 2, 0, 4), labels).hasMessageContaining("lengths [2, 0]");
  }

  @Test
  void aDamagedOrHugeFileIsRefusedWithoutTakingMemory() throws IOException {
    byte[] labels = idx(new byte[] {1, 2}, 2);
    byte[] packed = gzipped(idx(counted(2400), 2, 30, 40));
    refused(Arrays.copyOf(packed, packed.length / 2), labels).hasMessageContaining("cut short");
    byte[] flipped = packed.clone();
    flipped[packed.length - 6] ^= 1;
    refused(flipped, labels).hasMessageContaining("damaged");
    refused(idx(new byte[3], 1 << 20, 1 << 10, 2), labels)
        .hasMessageContaining("1073741824 elements in all can be read");
    refused(idx(new byte[3], 1 << 30, 1, 1), labels).hasMessageContaining("ends after 3");
    refused(gzipped(idx(new byte[50_000_000], 2, 3, 4)), labels)
        .hasMessageContaining("goes on after");
  }

  @Test
  void anEmptySetHasNoImages() throws IOException {
    Images none =
        IdxFiles.read(file("x", idx(new byte[0], 0, 3, 4)), file("y", idx(new byte[0], 0)));
    assertThat(none.size()).isZero();
    assertThat(none.classes()).isZero();
    assertThatThrownBy(() -> none.labels(0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("image 0 of 0");
  }

  @Test
  void fashionMnistIsWhatItsMakersSay() throws IOException {
    Path data = Path.of(System.getProperty("kindred.data", "absent"), "fashion-mnist");
    assumeThat(data).as("Fashion-MNIST, found by -Dkindred.data").isDirectory();
    Images test = IdxFiles.test(data);
    assertThat(test.size()).isEqualTo(10_000);
    assertThat(test.height()).isEqualTo(28);
    int[] classes = new int[10];
    Arrays.stream(test.labels()).forEach(l -> classes[l]++);
    assertThat(classes).containsOnly(1000);
  }
}
