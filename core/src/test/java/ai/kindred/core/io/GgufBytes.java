package ai.kindred.core.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes the fields of GGUF files, right or wrong, one after the other. */
final class GgufBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  GgufBytes bytes(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  GgufBytes u8(int value) {
    out.write(value);
    return this;
  }

  GgufBytes u32(long value) {
    return bytes(little(4).putInt((int) value).array());
  }

  GgufBytes u64(long value) {
    return bytes(little(8).putLong(value).array());
  }

  GgufBytes string(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    return u64(utf8.length).bytes(utf8);
  }

  /** Magic number, version and counts. */
  GgufBytes start(int version, long tensors, long keys) {
    return bytes("GGUF".getBytes(UTF_8)).u32(version).u64(tensors).u64(keys);
  }

  /** A tensor's entry; dims in the file's order, the fastest first. */
  GgufBytes tensor(String name, int type, long offset, long... dims) {
    string(name).u32(dims.length);
    for (long dim : dims) {
      u64(dim);
    }
    return u32(type).u64(offset);
  }

  GgufBytes align(int alignment) {
    while (out.size() % alignment != 0) {
      out.write(0);
    }
    return this;
  }

  int size() {
    return out.size();
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
