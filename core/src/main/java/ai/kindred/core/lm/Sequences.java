package ai.kindred.core.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The texts so far of a generation, which of them go on, and in which rows of the batch. */
final class Sequences {

  private final Generation settings;
  private final Set<Integer> stops;
  private final Generator.Listener listener;
  private final List<List<Integer>> ids = new ArrayList<>();
  private final List<List<Float>> logs = new ArrayList<>();
  private final Generated.@Nullable Stop[] ended;

  /** The sequence of each row of the running batch. */
  private int[] rows;

  Sequences(int n, Generation settings, Set<Integer> stops, Generator.Listener listener) {
    this.settings = settings;
    this.stops = stops;
    this.listener = listener;
    this.ended = new Generated.@Nullable Stop[n];
    this.rows = IntStream.range(0, n).toArray();
    for (int i = 0; i < n; i++) {
      ids.add(new ArrayList<>());
      logs.add(new ArrayList<>());
    }
  }

  /** Adds a chunk [steps, rows]; returns whether all sequences have ended. */
  boolean add(long[] chunk, float[] logProbabilities) {
    int width = rows.length;
    boolean all = true;
    for (int row = 0; row < width; row++) {
      int s = rows[row];
      if (ended[s] == null) {
        int before = ids.get(s).size();
        for (int at = row; at < chunk.length && ended[s] == null; at += width) {
          one(s, (int) chunk[at], logProbabilities[at]);
        }
        if (!listener.tokens(s, ints(ids.get(s).subList(before, ids.get(s).size())))
            && ended[s] == null) {
          ended[s] = Generated.Stop.STOPPED;
        }
      }
      all &= ended[s] != null;
    }
    return all;
  }

  private void one(int s, int id, float log) {
    if (Float.isNaN(log)) {
      throw new IllegalStateException(
          "the model's scores are not numbers at token "
              + ids.get(s).size()
              + " of its text: its weights hold NaN or infinities, or overflow");
    }
    ids.get(s).add(id);
    logs.get(s).add(log);
    if (stops.contains(id)) {
      ended[s] = Generated.Stop.END_OF_TEXT;
    } else if (ids.get(s).size() == settings.maxNewTokens()) {
      ended[s] = Generated.Stop.LENGTH;
    }
  }

  /** The rows to keep, where at least half of the running batch has ended. */
  Optional<int[]> compact() {
    int[] going = IntStream.range(0, rows.length).filter(r -> ended[rows[r]] == null).toArray();
    if (going.length == 0 || 2 * going.length > rows.length) {
      return Optional.empty();
    }
    int[] before = rows;
    rows = Arrays.stream(going).map(r -> before[r]).toArray();
    return Optional.of(going);
  }

  List<Generated> results() {
    List<Generated> results = new ArrayList<>();
    for (int s = 0; s < ended.length; s++) {
      float[] l = new float[logs.get(s).size()];
      for (int i = 0; i < l.length; i++) {
        l[i] = logs.get(s).get(i);
      }
      Generated.Stop stop = ended[s];
      results.add(new Generated(ints(ids.get(s)), l, stop == null ? Generated.Stop.LENGTH : stop));
    }
    return results;
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(i -> i).toArray();
  }
}
