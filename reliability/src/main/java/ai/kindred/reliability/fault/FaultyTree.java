package ai.kindred.reliability.fault;

import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Faults in any tree of tensors: a model, parameters, a cache. Tensors that are hit are copied; the
 * tree given is untouched, so there is nothing to undo.
 */
public final class FaultyTree {

  private FaultyTree() {}

  /** Number of bits of each leaf, by path. */
  public static Map<String, Long> bits(Object tree) {
    Map<String, Long> bits = new LinkedHashMap<>();
    Tree.leaves(tree).forEach((path, t) -> bits.put(path, 8L * t.dtype().bytes() * t.elements()));
    return bits;
  }

  /**
   * The tree with faults in it.
   *
   * @throws IllegalArgumentException where a fault names no leaf or no bit of it
   */
  public static <T> T with(T tree, FaultList faults) {
    Map<String, List<Fault>> by = faults.byTensor();
    Set<String> unknown = new HashSet<>(by.keySet());
    T faulty =
        Tree.mapPaths(
            tree,
            (path, t) -> {
              unknown.remove(path);
              List<Fault> own = by.get(path);
              return own == null ? t : faulty(path, t, own);
            });
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("no tensor is called " + unknown.iterator().next());
    }
    return faulty;
  }

  private static Tensor faulty(String path, Tensor t, List<Fault> faults) {
    ByteBuffer read = t.toBytes();
    ByteBuffer bytes = ByteBuffer.allocateDirect(read.remaining()).put(read).flip();
    for (Fault fault : faults) {
      if (fault.bit() < 0 || fault.bit() / 8 >= bytes.capacity()) {
        throw new IllegalArgumentException(
            "bit " + fault.bit() + " of " + path + ", which has " + 8L * bytes.capacity());
      }
      int at = (int) (fault.bit() / 8);
      bytes.put(at, struck(bytes.get(at), fault));
    }
    return Tensor.of(bytes, t.dtype(), t.lengths());
  }

  /** A byte with the fault in it. */
  static byte struck(byte now, Fault fault) {
    int mask = 1 << (fault.bit() % Byte.SIZE);
    return (byte)
        switch (fault.kind()) {
          case FLIP -> now ^ mask;
          case STUCK_AT_0 -> now & ~mask;
          case STUCK_AT_1 -> now | mask;
        };
  }
}
