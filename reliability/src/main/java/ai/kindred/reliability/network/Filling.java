package ai.kindred.reliability.network;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.TensorSource;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Puts a file's tensors into the places of a network. */
final class Filling {

  private Filling() {}

  /**
   * The template with a file's numbers.
   *
   * @param names name in the file of each name in the network
   * @throws MalformedFileException where one is missing or has another shape, or the file has more
   */
  static <N> N fill(N template, TensorSource source, Map<String, String> names, Path file)
      throws IOException {
    Map<String, Tensor> made = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> leaf : Tree.leaves(template).entrySet()) {
      String name = names.get(leaf.getKey());
      long[] wanted = leaf.getValue().lengths();
      if (name == null) {
        throw new MalformedFileException(
            file, "it has no %s %s".formatted(leaf.getKey(), Arrays.toString(wanted)));
      }
      long[] shape = source.shape(name);
      if (!Arrays.equals(shape, wanted)) {
        throw new MalformedFileException(
            file,
            "%s has the shape %s; the network has %s there"
                .formatted(name, Arrays.toString(shape), Arrays.toString(wanted)));
      }
      made.put(leaf.getKey(), finite(name, source.get(name).toFloats(), wanted, file));
    }
    TreeSet<String> more = new TreeSet<>(names.keySet());
    more.removeAll(made.keySet());
    if (!more.isEmpty()) {
      throw new MalformedFileException(
          file,
          "it has %s, which is no part of the network; the network has %s"
              .formatted(names.get(more.first()), made.keySet()));
    }
    return Tree.mapPaths(template, (path, t) -> made.getOrDefault(path, t));
  }

  private static Tensor finite(String name, float[] values, long[] shape, Path file)
      throws IOException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new MalformedFileException(
            file, "element %d of %s is %s".formatted(i, name, values[i]));
      }
    }
    return Tensor.of(values, shape);
  }
}
