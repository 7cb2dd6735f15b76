package ai.kindred.reliability;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Direct memory that is given out piece after piece, so that tensors made one after the other lie
 * side by side and can be read as one.
 */
final class Arena {

  private final ByteBuffer memory;
  private int used;

  /** Memory for so many bytes; what does not fit into one buffer gets buffers of its own. */
  Arena(long bytes) {
    memory = ByteBuffer.allocateDirect((int) Math.min(bytes, Integer.MAX_VALUE - Long.BYTES));
  }

  /** Bytes in use of a piece of a size: whole words. */
  static int padded(int bytes) {
    return Math.addExact(bytes, Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /** Some memory, zeros. */
  Span next(int bytes) {
    int size = padded(bytes);
    if (size > memory.capacity() - used) {
      return Span.own(bytes);
    }
    Span span = new Span(this, used, size);
    used += size;
    return span;
  }

  /**
   * A piece of memory.
   *
   * @param arena what it is a piece of
   * @param from where it begins
   * @param size its bytes
   */
  record Span(Arena arena, int from, int size) {

    /** Memory of its own. */
    static Span own(int bytes) {
      return new Arena(padded(bytes)).next(bytes);
    }

    ByteBuffer bytes() {
      return arena.memory.slice(from, size);
    }

    /** Several pieces as one, where each begins at the end of the one before. */
    static Optional<ByteBuffer> joined(List<Span> spans) {
      Span first = spans.get(0);
      int end = first.from;
      for (Span span : spans) {
        if (span.arena != first.arena || span.from != end) {
          return Optional.empty();
        }
        end += span.size;
      }
      return Optional.of(first.arena.memory.slice(first.from, end - first.from));
    }
  }
}
