package ai.kindred.federated.data;

import ai.kindred.core.data.KeyedPermutation;
import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Ways to give examples out to clients. Each follows from its key alone.
 *
 * <pre>{@code
 * Partition uneven = Partitions.dirichlet(data.labels(), 100, 0.3, Key.of(1));
 * System.out.println(PartitionSummary.of(uneven, data.labels()).text());
 * }</pre>
 */
public final class Partitions {
  private Partitions() {}

  /**
   * Every example to one client at random, sizes equal or one apart. Takes no memory.
   *
   * @throws IllegalArgumentException where there are more clients than examples
   */
  public static Partition iid(int rows, int clients, Key key) {
    check(rows, clients);
    return new Computed.Even(rows, clients, new KeyedPermutation(rows, key.fold("iid")));
  }

  /**
   * Any number of clients with {@code each} examples: where all together have more than the pool
   * holds, examples serve several clients, each as often as another. Takes no memory, for
   * simulations of millions. Where {@code each} divides the pool, no client has an example twice.
   *
   * @param each examples of a client, at most the pool
   */
  public static Partition virtual(int rows, int clients, int each, Key key) {
    if (rows < 1 || clients < 1) {
      throw new IllegalArgumentException(
          "a partition needs examples and clients, not %d and %d".formatted(rows, clients));
    }
    if (each < 1 || each > rows) {
      throw new IllegalArgumentException(
          "a client has 1 to %d examples, as many as there are, not %d".formatted(rows, each));
    }
    return new Computed.Virtual(rows, clients, each, key.fold("virtual"));
  }

  /**
   * Clients of equal size whose label mixes are drawn from a Dirichlet distribution around the
   * pool's mix. Examples run out, so the clients served last get what is left.
   *
   * @param labels one an example
   * @param alpha how alike clients are, positive: 100 is nearly IID, 0.1 one or two labels a
   *     client. As in the paper it is the concentration of all labels together: with ten equally
   *     common labels, each label's is a tenth of it
   * @see <a href="https://arxiv.org/abs/1909.06335">Hsu, Qi and Brown, 2019</a>
   */
  public static Partition dirichlet(int[] labels, int clients, double alpha, Key key) {
    check(labels.length, clients);
    if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "alpha is positive and finite (0.1: very uneven, 100: nearly even), not " + alpha);
    }
    return DirichletMixes.partition(labels, clients, alpha, key.fold("dirichlet"));
  }

  /**
   * Examples sorted by label and cut into {@code clients * shards} shards of equal size, of which
   * every client gets some: with 2 shards most clients see two labels.
   *
   * @param shards a client
   * @see <a href="https://arxiv.org/abs/1602.05629">McMahan et al., 2017</a>
   */
  public static Partition shards(int[] labels, int clients, int shards, Key key) {
    check(labels.length, clients);
    if (shards < 1 || (long) shards * clients > labels.length) {
      throw new IllegalArgumentException(
          "%d shards for each of %d clients out of %d examples; give 1 to %d"
              .formatted(shards, clients, labels.length, labels.length / clients));
    }
    Key own = key.fold("shards");
    int n = labels.length;
    int all = shards * clients;
    int[] byLabel = byLabel(labels, own.fold("examples"));
    KeyedPermutation dealt = new KeyedPermutation(all, own.fold("deal"));
    int[] rows = new int[n];
    int[] starts = new int[clients + 1];
    int at = 0;
    for (int c = 0; c < clients; c++) {
      for (int s = 0; s < shards; s++) {
        long shard = dealt.at((long) c * shards + s);
        int from = (int) (shard * n / all);
        int to = (int) ((shard + 1) * n / all);
        System.arraycopy(byLabel, from, rows, at, to - from);
        at += to - from;
      }
      starts[c + 1] = at;
    }
    return new Listed(rows, starts, List.of());
  }

  /**
   * A client for every person, device or source that examples come from, in the order of their
   * first example; each keeps its examples' order.
   *
   * @param owners the name of each example's owner
   */
  public static Partition natural(List<String> owners) {
    if (owners.isEmpty()) {
      throw new IllegalArgumentException("there are no examples to group by owner");
    }
    Map<String, Integer> numbers = new LinkedHashMap<>();
    int[] client = new int[owners.size()];
    for (int i = 0; i < client.length; i++) {
      Integer next = numbers.size();
      Integer known = numbers.putIfAbsent(owners.get(i), next);
      client[i] = known == null ? next : known;
    }
    return grouped(client, numbers.size(), List.copyOf(numbers.keySet()));
  }

  /** Some clients of a partition alone, numbered in this order. */
  public static Partition only(Partition partition, int... clients) {
    int[] kept = clients.clone();
    for (int c : kept) {
      Objects.checkIndex(c, partition.clients());
    }
    return new Only(partition, kept);
  }

  /** At most {@code most} examples of each client, drawn at random. */
  public static Partition atMost(Partition partition, int most, Key key) {
    if (most < 1) {
      throw new IllegalArgumentException("clients keep at least 1 example, not " + most);
    }
    Key own = key.fold("at most");
    return new Chosen(partition, own, size -> Math.min(size, most), IntUnaryOperator.identity());
  }

  /** All clients' examples in the hands of one, as centralised training has them. */
  public static Partition pooled(Partition partition) {
    int[] rows =
        IntStream.range(0, partition.clients())
            .flatMap(c -> IntStream.range(0, partition.size(c)).map(i -> partition.row(c, i)))
            .toArray();
    return new Listed(rows, new int[] {0, rows.length}, List.of());
  }

  /** Clients with at least {@code least} examples. */
  public static Partition atLeast(Partition partition, int least) {
    int[] kept =
        IntStream.range(0, partition.clients()).filter(c -> partition.size(c) >= least).toArray();
    if (kept.length == 0) {
      throw new IllegalArgumentException(
          "none of %d clients has %d examples".formatted(partition.clients(), least));
    }
    return new Only(partition, kept);
  }

  /** Clients of a partition alone. */
  @SuppressWarnings("ArrayRecordComponent") // Made once, read only, never compared.
  record Only(Partition of, int[] kept) implements Partition {

    @Override
    public int clients() {
      return kept.length;
    }

    @Override
    public int size(int client) {
      return of.size(kept[client]);
    }

    @Override
    public int row(int client, int place) {
      return of.row(kept[client], place);
    }

    @Override
    public String name(int client) {
      return of.name(kept[client]);
    }
  }

  /**
   * Examples of every client, chosen by place in an order that is drawn for each client.
   *
   * @param sizes from the number of a client's examples to how many are chosen
   * @param places from a place among those chosen to one in the client's random order
   */
  record Chosen(Partition of, Key key, IntUnaryOperator sizes, IntUnaryOperator places)
      implements Partition {

    @Override
    public int clients() {
      return of.clients();
    }

    @Override
    public int size(int client) {
      return sizes.applyAsInt(of.size(client));
    }

    @Override
    public int row(int client, int place) {
      Objects.checkIndex(place, size(client));
      KeyedPermutation order = new KeyedPermutation(of.size(client), key.fold(client));
      return of.row(client, (int) order.at(places.applyAsInt(place)));
    }

    @Override
    public String name(int client) {
      return of.name(client);
    }
  }

  private static void check(int rows, int clients) {
    if (clients < 1 || clients > rows) {
      throw new IllegalArgumentException(
          "%d clients cannot share %d examples; give 1 to %d clients"
              .formatted(clients, rows, rows));
    }
  }

  /** Rows one client after the other, from each row's client. */
  static Listed grouped(int[] client, int clients, List<String> names) {
    int[] starts = new int[clients + 1];
    for (int c : client) {
      starts[c + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] next = starts.clone();
    int[] rows = new int[client.length];
    for (int i = 0; i < client.length; i++) {
      rows[next[client[i]]++] = i;
    }
    return new Listed(rows, starts, names);
  }

  /** Rows sorted by label, in random order within a label. */
  private static int[] byLabel(int[] labels, Key key) {
    KeyedPermutation order = new KeyedPermutation(labels.length, key);
    long[] sorted = new long[labels.length];
    for (int i = 0; i < sorted.length; i++) {
      int row = (int) order.at(i);
      sorted[i] = ((long) labels[row] << 32) | i;
    }
    Arrays.sort(sorted);
    return Arrays.stream(sorted).mapToInt(s -> (int) order.at(s & 0xffffffffL)).toArray();
  }

  /** Labels numbered from 0 without gaps, in their order. */
  static int[] dense(int[] labels) {
    int[] distinct = Arrays.stream(labels).sorted().distinct().toArray();
    return Arrays.stream(labels).map(l -> Arrays.binarySearch(distinct, l)).toArray();
  }
}
