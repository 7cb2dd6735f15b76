package ai.kindred.federated;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What clients keep for themselves from one round to the next, as plain vectors: only clients that
 * have worked have one. For several threads at once.
 */
final class Memories {

  private final SortedMap<Integer, float[]> byClient = new TreeMap<>();

  /** The memories as one vector a client, in the order of clients. */
  synchronized SortedMap<Integer, float[]> byClient() {
    return new TreeMap<>(byClient);
  }

  /** The memories of some clients side by side, a leading axis of clients in every tensor. */
  synchronized <T> T stacked(List<Integer> clients, T fresh) {
    List<float[]> rows = new ArrayList<>();
    float[] first = null;
    for (int client : clients) {
      float[] known = byClient.get(client);
      if (known == null) {
        first = first == null ? flat(fresh) : first;
        known = first;
      }
      rows.add(known);
    }
    int[] at = {0};
    return Tree.map(
        fresh,
        t -> {
          long[] shape = t.lengths();
          int each = Math.toIntExact(t.elements());
          float[] all = new float[Math.multiplyExact(each, rows.size())];
          for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), at[0], all, i * each, each);
          }
          at[0] += each;
          return Tensor.of(all, stacked(rows.size(), shape));
        });
  }

  /** Takes up what a call left, a leading axis of clients in every tensor. */
  static List<float[]> unstacked(Object memories, int clients) {
    Map<String, Tensor> leaves = Tree.leaves(memories);
    List<float[]> parts = leaves.values().stream().map(Tensor::toFloats).toList();
    int whole = parts.stream().mapToInt(p -> p.length / clients).sum();
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      float[] row = new float[whole];
      int at = 0;
      for (float[] part : parts) {
        int each = part.length / clients;
        System.arraycopy(part, i * each, row, at, each);
        at += each;
      }
      rows.add(row);
    }
    return rows;
  }

  private static float[] flat(Object fresh) {
    return unstacked(fresh, 1).get(0);
  }

  synchronized void put(int client, float[] memory) {
    byClient.put(client, memory);
  }

  static void requireFloats(Object fresh) {
    Tree.leaves(fresh)
        .forEach(
            (path, t) -> {
              if (t.dtype() != DType.FLOAT32) {
                throw new IllegalArgumentException(
                    "a client's memory holds float32 tensors; " + path + " is " + t.dtype());
              }
            });
  }

  private static long[] stacked(int n, long[] shape) {
    long[] all = new long[shape.length + 1];
    all[0] = n;
    System.arraycopy(shape, 0, all, 1, shape.length);
    return all;
  }
}
