package ai.kindred.core.data;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Labelled images of one size, a byte a channel and pixel.
 *
 * @param channels values a pixel
 * @param height rows
 * @param width pixels a row
 * @param pixels image by image, channel by channel, row by row; not to be changed
 * @param labels class of each image, from 0; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed on, never compared
public record Images(int channels, int height, int width, byte[] pixels, int[] labels) {

  /** Checks that there is a label an image. */
  public Images {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "images of " + channels + " x " + height + " x " + width + " values; each is at least 1");
    }
    long image = (long) channels * height * width;
    if (pixels.length != labels.length * image) {
      throw new IllegalArgumentException(
          pixels.length
              + " values and "
              + labels.length
              + " labels; as many images of "
              + image
              + " values have "
              + labels.length * image);
    }
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }

  /** Number of classes: one more than the greatest label. */
  public int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  private int imageSize() {
    return channels * height * width;
  }

  /** Images as they are stored, uint8 [n, channels, height, width]. */
  public Tensor bytes(int... indices) {
    int size = imageSize();
    ByteBuffer chosen = ByteBuffer.allocateDirect(Math.multiplyExact(indices.length, size));
    for (int i : indices) {
      chosen.put(pixels, checked(i) * size, size);
    }
    return Tensor.of(chosen.flip(), DType.UINT8, indices.length, channels, height, width);
  }

  /** Images in [0, 1], float32 [n, channels, height, width]. */
  public Tensor floats(int... indices) {
    try (Tensor raw = bytes(indices);
        Tensor wide = raw.to(DType.FLOAT32)) {
      return wide.div(255);
    }
  }

  /** Labels, int64 [n]. */
  public Tensor labels(int... indices) {
    return Tensor.of(Arrays.stream(indices).map(i -> labels[checked(i)]).toArray());
  }

  /** These images alone, in this order. */
  public Images subset(int... indices) {
    int size = imageSize();
    byte[] chosen = new byte[Math.multiplyExact(indices.length, size)];
    int[] classes = new int[indices.length];
    for (int k = 0; k < indices.length; k++) {
      int i = checked(indices[k]);
      System.arraycopy(pixels, i * size, chosen, k * size, size);
      classes[k] = labels[i];
    }
    return new Images(channels, height, width, chosen, classes);
  }

  private int checked(int i) {
    if (i < 0 || i >= labels.length) {
      throw new IndexOutOfBoundsException("image " + i + " of " + labels.length);
    }
    return i;
  }
}
