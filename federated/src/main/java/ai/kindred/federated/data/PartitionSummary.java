package ai.kindred.federated.data;

import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How uneven a partition is. Percentiles are nearest-rank: the smallest size that at least so many
 * of a hundred clients do not exceed.
 *
 * @param clients in all
 * @param empty clients without examples
 * @param examples of all clients together
 * @param smallest client's number of examples
 * @param percentile5 of the numbers of examples, likewise those that follow
 * @param median the 50th percentile
 * @param largest client's number of examples
 * @param labelEntropy bits of a client's label mix, on average over clients with examples; null
 *     without labels
 * @param pooledEntropy bits of the label mix of all examples together, the most that the clients'
 *     average can be where no example serves twice; null without labels
 */
public record PartitionSummary(
    int clients,
    int empty,
    long examples,
    int smallest,
    int percentile5,
    int percentile25,
    int median,
    int percentile75,
    int percentile95,
    int largest,
    @Nullable Double labelEntropy,
    @Nullable Double pooledEntropy) {

  /** Without labels. */
  public static PartitionSummary of(Partition partition) {
    return of(partition, null, null);
  }

  /**
   * With labels.
   *
   * @param labels one for each example of the pool
   */
  public static PartitionSummary of(Partition partition, int[] labels) {
    int[] dense = Partitions.dense(labels);
    int classes = Arrays.stream(dense).max().orElse(-1) + 1;
    long[] pooled = new long[classes];
    double sum = 0;
    int counted = 0;
    for (int c = 0; c < partition.clients(); c++) {
      int n = partition.size(c);
      long[] own = new long[classes];
      for (int i = 0; i < n; i++) {
        own[dense[partition.row(c, i)]]++;
      }
      for (int l = 0; l < classes; l++) {
        pooled[l] += own[l];
      }
      sum += n == 0 ? 0 : bits(own, n);
      counted += n == 0 ? 0 : 1;
    }
    long all = Arrays.stream(pooled).sum();
    return of(partition, counted == 0 ? 0 : sum / counted, all == 0 ? 0 : bits(pooled, all));
  }

  private static PartitionSummary of(
      Partition partition, @Nullable Double entropy, @Nullable Double pooled) {
    int[] sizes = new int[partition.clients()];
    Arrays.setAll(sizes, partition::size);
    Arrays.sort(sizes);
    return new PartitionSummary(
        sizes.length,
        (int) Arrays.stream(sizes).filter(n -> n == 0).count(),
        Arrays.stream(sizes).asLongStream().sum(),
        percentile(sizes, 0),
        percentile(sizes, 5),
        percentile(sizes, 25),
        percentile(sizes, 50),
        percentile(sizes, 75),
        percentile(sizes, 95),
        percentile(sizes, 100),
        entropy,
        pooled);
  }

  /** One line for people. */
  public String text() {
    String labels =
        labelEntropy == null
            ? ""
            : String.format(
                Locale.ROOT,
                "; label entropy %.2f bits a client, %.2f of all",
                labelEntropy,
                pooledEntropy);
    return String.format(
        Locale.ROOT,
        "%,d clients (%,d empty), %,d examples; sizes %,d to %,d, median %,d, middle half %,d to"
            + " %,d%s",
        clients,
        empty,
        examples,
        smallest,
        largest,
        median,
        percentile25,
        percentile75,
        labels);
  }

  private static int percentile(int[] sorted, int percent) {
    if (sorted.length == 0) {
      return 0;
    }
    long rank = ((long) percent * sorted.length + 99) / 100;
    return sorted[(int) Math.max(0, rank - 1)];
  }

  private static double bits(long[] counts, long all) {
    double bits = 0;
    for (long n : counts) {
      double p = (double) n / all;
      bits -= n == 0 ? 0 : p * Math.log(p) / Math.log(2);
    }
    return bits;
  }
}
