package ai.kindred.core.data;

import ai.kindred.core.io.MalformedFileException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads labelled images from pairs of IDX files, plain or gzipped: the form of MNIST (LeCun, Cortes
 * and Burges) and Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017, arXiv:1708.07747). A file begins
 * with two zero bytes, the element type, the number of axes and their lengths, big-endian.
 */
public final class IdxFiles {

  private static final int UNSIGNED_BYTE = 8;
  private static final int CHUNK = 1 << 16;

  /**
   * More than any set of small images needs; what a damaged or hostile header may claim at most.
   */
  private static final long LARGEST = 1L << 30;

  private IdxFiles() {}

  @SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
  private record Array(int[] shape, byte[] elements) {}

  /**
   * Images [n, height, width] and their labels [n].
   *
   * @throws MalformedFileException where a file is not what it should be, or the two do not belong
   *     together; the message names the file
   */
  public static Images read(Path images, Path labels) throws IOException {
    Array pixels = array(images, 3);
    Array classes = array(labels, 1);
    int n = classes.shape()[0];
    if (pixels.shape()[0] != n) {
      throw new MalformedFileException(
          images,
          "it has "
              + pixels.shape()[0]
              + " images and "
              + labels
              + " has "
              + n
              + " labels; give two files of the same set");
    }
    int[] numbers = new int[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = Byte.toUnsignedInt(classes.elements()[i]);
    }
    return new Images(1, pixels.shape()[1], pixels.shape()[2], pixels.elements(), numbers);
  }

  /**
   * The training images ({@code train-images-idx3-ubyte}, with or without {@code .gz}) of a folder,
   * as MNIST's makers named them.
   */
  public static Images training(Path folder) throws IOException {
    return read(file(folder, "train-images-idx3-ubyte"), file(folder, "train-labels-idx1-ubyte"));
  }

  /** The test images ({@code t10k-images-idx3-ubyte}, with or without {@code .gz}) of a folder. */
  public static Images test(Path folder) throws IOException {
    return read(file(folder, "t10k-images-idx3-ubyte"), file(folder, "t10k-labels-idx1-ubyte"));
  }

  private static Path file(Path folder, String name) {
    Path gzipped = folder.resolve(name + ".gz");
    return Files.exists(gzipped) ? gzipped : folder.resolve(name);
  }

  private static Array array(Path file, int axes) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
        InputStream in = opened(raw)) {
      return array(in, file, axes);
    } catch (EOFException | ZipException e) {
      MalformedFileException damaged =
          new MalformedFileException(
              file, "it is damaged or cut short (" + e.getMessage() + "); fetch it again");
      damaged.initCause(e);
      throw damaged;
    }
  }

  private static InputStream opened(InputStream raw) throws IOException {
    raw.mark(2);
    boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    return gzipped ? new GZIPInputStream(raw, CHUNK) : raw;
  }

  private static Array array(InputStream in, Path file, int axes) throws IOException {
    byte[] head = in.readNBytes(4 + 4 * axes);
    boolean idx = head.length >= 4 && head[0] == 0 && head[1] == 0;
    if (!idx || head[2] != UNSIGNED_BYTE || head[3] != axes) {
      throw new MalformedFileException(
          file,
          "it begins with bytes %s; an IDX file of unsigned bytes with %d axes begins with [0, 0, 8, %d]"
              .formatted(
                  Arrays.toString(Arrays.copyOf(head, Math.min(4, head.length))), axes, axes));
    }
    if (head.length < 4 + 4 * axes) {
      throw new MalformedFileException(file, "it ends inside its header; fetch it again");
    }
    int[] shape = new int[axes];
    long size = 1;
    for (int i = 0; i < axes; i++) {
      shape[i] = ByteBuffer.wrap(head).getInt(4 + 4 * i);
      boolean lies = shape[i] < (i == 0 ? 0 : 1);
      size = lies ? Long.MAX_VALUE : size * shape[i];
      if (size > LARGEST) {
        throw new MalformedFileException(
            file,
            "it says that its axes have lengths %s; %d elements in all can be read"
                .formatted(Arrays.toString(Arrays.copyOf(shape, i + 1)), LARGEST));
      }
    }
    byte[] elements = elements(in, (int) size);
    if (elements.length < size) {
      throw new MalformedFileException(
          file,
          "it says that it has %s elements and ends after %d; fetch it again"
              .formatted(Arrays.toString(shape), elements.length));
    }
    if (in.read() >= 0) {
      throw new MalformedFileException(
          file, "it goes on after the %d elements that it says it has".formatted(size));
    }
    return new Array(shape, elements);
  }

  /** As many as there are: memory is taken as they come, not as a header claims. */
  private static byte[] elements(InputStream in, int size) throws IOException {
    ByteArrayOutputStream found = new ByteArrayOutputStream(Math.min(size, CHUNK));
    byte[] chunk = new byte[CHUNK];
    int left = size;
    while (left > 0) {
      int n = in.readNBytes(chunk, 0, Math.min(left, CHUNK));
      if (n == 0) {
        break;
      }
      found.write(chunk, 0, n);
      left -= n;
    }
    return found.toByteArray();
  }
}
