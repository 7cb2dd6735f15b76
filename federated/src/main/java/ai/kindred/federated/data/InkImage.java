package ai.kindred.federated.data;

import ai.kindred.core.config.Names;
import ai.kindred.core.io.MalformedFileException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** A dark drawing on light paper, as a small grey image. */
final class InkImage {

  private static final int LARGEST_SIDE = 2048;

  private InkImage() {}

  /**
   * Decodes a PNG and averages it down.
   *
   * @return [side, side] bytes: 255 ink, 0 paper
   */
  static byte[] scaled(Path file, String name, byte[] png, int side) throws IOException {
    BufferedImage image;
    try {
      image = decoded(png);
    } catch (IOException | RuntimeException e) { // the decoder throws either for damaged files
      MalformedFileException damaged =
          new MalformedFileException(
              file, "%s cannot be read: %s".formatted(Names.printable(name), e.getMessage()));
      damaged.initCause(e);
      throw damaged;
    }
    double[][] ink = new double[side][side];
    double down = (double) side / image.getHeight();
    double across = (double) side / image.getWidth();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int dark = 255 - (image.getRGB(x, y) & 0xff);
        if (dark > 0) {
          spread(ink, y * down, (y + 1) * down, x * across, (x + 1) * across, dark);
        }
      }
    }
    byte[] bytes = new byte[side * side];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.min(255, Math.round(ink[i / side][i % side]));
    }
    return bytes;
  }

  /** Adds a pixel's ink to the cells that it covers, by the share of each cell. */
  private static void spread(
      double[][] ink, double top, double bottom, double left, double right, int dark) {
    int side = ink.length;
    for (int r = (int) top; r < Math.min(side, Math.ceil(bottom)); r++) {
      double high = Math.min(bottom, r + 1) - Math.max(top, r);
      for (int c = (int) left; c < Math.min(side, Math.ceil(right)); c++) {
        double wide = Math.min(right, c + 1) - Math.max(left, c);
        ink[r][c] += high * wide * dark;
      }
    }
  }

  private static BufferedImage decoded(byte[] png) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("png");
    ImageReader reader = readers.next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (width > LARGEST_SIDE || height > LARGEST_SIDE) {
        throw new IOException(
            "it is %d x %d pixels; %d a side can be read".formatted(width, height, LARGEST_SIDE));
      }
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }
}
