package ai.kindred.examples.golden;

import ai.kindred.core.config.Json;
import ai.kindred.core.data.PackedBatch;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Pieces of golden files. */
final class GoldenJson {

  private static final int IGNORED = -100;

  private GoldenJson() {}

  static JsonNode read(Path file) throws IOException {
    return Json.read(file, Json.Limits.CONFIG);
  }

  /** A field that must be there. */
  static JsonNode field(JsonNode node, String name) {
    return node.required(name);
  }

  static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  static double number(JsonNode node, String name) {
    return field(node, name).doubleValue();
  }

  /** One text, every place of which predicts the next id; the last place's label means nothing. */
  static PackedBatch every(int[] ids) {
    int n = ids.length;
    int[] next = Arrays.copyOf(Arrays.copyOfRange(ids, 1, n), n);
    int[] places = IntStream.range(0, n).toArray();
    return new PackedBatch(ids, places, new int[] {0, n}, places, next, new int[] {0});
  }

  /** Rows of ids with labels, shifted by one as in transformers; the label -100 does not count. */
  static PackedBatch labelled(JsonNode golden) {
    JsonNode rows = field(golden, "input_ids");
    int width = rows.required(0).size();
    int[] ids = flat(rows);
    int[] labels = flat(field(golden, "labels"));
    int[] targets =
        IntStream.range(0, ids.length)
            .filter(i -> i % width < width - 1 && labels[i + 1] != IGNORED)
            .toArray();
    return new PackedBatch(
        ids,
        IntStream.range(0, ids.length).map(i -> i % width).toArray(),
        IntStream.rangeClosed(0, rows.size()).map(b -> b * width).toArray(),
        targets,
        IntStream.of(targets).map(i -> labels[i + 1]).toArray(),
        new int[rows.size()]);
  }

  private static int[] flat(JsonNode rows) {
    return IntStream.range(0, rows.size()).flatMap(r -> IntStream.of(ints(rows.get(r)))).toArray();
  }
}
