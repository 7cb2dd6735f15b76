package ai.kindred.core.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A read-only mapped file of any size. Java's buffers end at 2 GiB, so the file is mapped in
 * windows: one starts at every multiple of the stride and is two strides long, so that any range of
 * up to a stride lies within a single window. Longer ranges get a mapping of their own.
 */
final class MappedFile implements Closeable {
  static final long STRIDE = 1L << 30;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final long stride;
  private final Map<Long, ByteBuffer> windows = new ConcurrentHashMap<>();

  private MappedFile(Path path, FileChannel channel, long size, long stride) {
    this.path = path;
    this.channel = channel;
    this.size = size;
    this.stride = stride;
  }

  static MappedFile open(Path path, long stride) throws IOException {
    if (Files.isDirectory(path)) {
      throw new MalformedFileException(path, "is a folder, not a file");
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new MappedFile(path, channel, channel.size(), stride);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  /**
   * The bytes of a range, little-endian.
   *
   * @throws MalformedFileException where the range leaves the file, or is too long for one buffer
   */
  ByteBuffer slice(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new MalformedFileException(
          path, "needs " + length + " bytes at " + offset + " of a file of " + size);
    }
    if (length > Integer.MAX_VALUE) {
      throw new MalformedFileException(
          path, "holds a tensor of " + length + " bytes; one of at most 2^31 - 1 can be read");
    }
    if (!channel.isOpen()) {
      throw new IllegalStateException(path + " is closed");
    }
    if (length == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
    }
    ByteBuffer bytes;
    if (length > stride) {
      bytes = channel.map(MapMode.READ_ONLY, offset, length);
    } else {
      long start = offset / stride * stride;
      bytes = window(start).slice((int) (offset - start), (int) length);
    }
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer window(long start) throws IOException {
    ByteBuffer window = windows.get(start);
    if (window == null) {
      long length = Math.min(Math.min(2 * stride, Integer.MAX_VALUE), size - start);
      window = channel.map(MapMode.READ_ONLY, start, length);
      ByteBuffer first = windows.putIfAbsent(start, window);
      window = first == null ? window : first;
    }
    return window;
  }

  @Override
  public void close() throws IOException {
    windows.clear();
    channel.close();
  }
}
