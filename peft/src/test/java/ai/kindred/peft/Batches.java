package ai.kindred.peft;

import ai.kindred.core.data.PackedBatch;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;

/** Batches of golden cases. */
final class Batches {

  private Batches() {}

  /** Rows of ids with labels, next-token shifted; label -100 is not counted. */
  static PackedBatch labelled(JsonNode golden) {
    JsonNode rows = golden.get("input_ids");
    JsonNode labels = golden.get("labels");
    int width = rows.get(0).size();
    int[] all = IntStream.range(0, rows.size() * width).toArray();
    int[] targets =
        IntStream.of(all)
            .filter(i -> i % width < width - 1 && label(labels, i + 1, width) != -100)
            .toArray();
    return new PackedBatch(
        IntStream.of(all).map(i -> rows.get(i / width).get(i % width).asInt()).toArray(),
        IntStream.of(all).map(i -> i % width).toArray(),
        IntStream.rangeClosed(0, rows.size()).map(b -> b * width).toArray(),
        targets,
        IntStream.of(targets).map(i -> label(labels, i + 1, width)).toArray(),
        IntStream.range(0, rows.size()).toArray());
  }

  private static int label(JsonNode labels, int place, int width) {
    return labels.get(place / width).get(place % width).asInt();
  }
}
