package ai.kindred.federated.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PartitionsTest {

  private static final Key KEY = Key.of(3);

  /** Labels 0 to 9 in turn. */
  private static int[] labels(int n) {
    return IntStream.range(0, n).map(i -> i % 10).toArray();
  }

  static int[] rows(Partition partition, int client) {
    return IntStream.range(0, partition.size(client)).map(i -> partition.row(client, i)).toArray();
  }

  private static int[] allRows(Partition partition) {
    return IntStream.range(0, partition.clients())
        .flatMap(c -> Arrays.stream(rows(partition, c)))
        .toArray();
  }

  @Test
  void everyExampleHasOneOwner() {
    int n = 1003;
    for (Partition partition :
        List.of(
            Partitions.iid(n, 17, KEY),
            Partitions.dirichlet(labels(n), 17, 0.1, KEY),
            Partitions.dirichlet(labels(n), 17, 1e-6, KEY),
            Partitions.shards(labels(n), 17, 3, KEY))) {
      int[] rows = allRows(partition);
      assertThat(rows).isNotEqualTo(IntStream.range(0, n).toArray());
      assertThat(Arrays.stream(rows).sorted().toArray()).isEqualTo(IntStream.range(0, n).toArray());
      assertThat(partition.clients()).isEqualTo(17);
    }
  }

  @Test
  void aKeyDecidesAll() {
    int[] labels = labels(500);
    assertThat(allRows(Partitions.dirichlet(labels, 9, 0.5, KEY)))
        .isEqualTo(allRows(Partitions.dirichlet(labels, 9, 0.5, KEY)))
        .isNotEqualTo(allRows(Partitions.dirichlet(labels, 9, 0.5, Key.of(4))));
    assertThat(allRows(Partitions.shards(labels, 9, 2, KEY)))
        .isEqualTo(allRows(Partitions.shards(labels, 9, 2, KEY)))
        .isNotEqualTo(allRows(Partitions.shards(labels, 9, 2, Key.of(4))));
  }

  @Test
  void sizesAreEqualOrOneApart() {
    for (Partition partition :
        List.of(Partitions.iid(1003, 17, KEY), Partitions.dirichlet(labels(1003), 17, 0.3, KEY))) {
      PartitionSummary summary = PartitionSummary.of(partition);
      assertThat(summary.smallest()).isEqualTo(59);
      assertThat(summary.largest()).isEqualTo(59);
      assertThat(summary.examples()).isEqualTo(1003);
    }
    assertThat(PartitionSummary.of(Partitions.iid(10, 4, KEY)).text())
        .isEqualTo("4 clients (0 empty), 10 examples; sizes 2 to 3, median 2, middle half 2 to 3");
  }

  /**
   * With a pool so large that nothing runs out for the first clients, a client's label shares have
   * the variance p (1 - p) / (alpha + 1) of Dirichlet(alpha p), and a little more by drawing.
   */
  @Test
  void mixesHaveTheVarianceOfTheDirichletDistribution() {
    int classes = 10;
    int clients = 4000;
    int each = 50;
    int[] labels = labels(clients * each);
    for (double alpha : new double[] {0.2, 1, 10}) {
      Partition partition = Partitions.dirichlet(labels, clients, alpha, KEY);
      double sum = 0;
      int counted = 1000;
      for (int c = 0; c < counted; c++) {
        int[] count = new int[classes];
        for (int row : rows(partition, c)) {
          count[labels[row]]++;
        }
        for (int k : count) {
          sum += Math.pow((double) k / each - 1.0 / classes, 2);
        }
      }
      double p = 1.0 / classes;
      double mix = p * (1 - p) / (alpha + 1);
      double expected = mix + (p * (1 - p) - mix) / each;
      assertThat(sum / (counted * classes)).isCloseTo(expected, within(0.06 * expected));
    }
  }

  @Test
  void fewShardsMeanFewLabels() {
    int[] labels = labels(6000);
    Partition partition = Partitions.shards(labels, 100, 2, KEY);
    for (int c = 0; c < 100; c++) {
      assertThat(partition.size(c)).isEqualTo(60);
      assertThat(Arrays.stream(rows(partition, c)).map(r -> labels[r]).distinct().count())
          .isBetween(1L, 2L);
    }
    PartitionSummary summary = PartitionSummary.of(partition, labels);
    assertThat(summary.labelEntropy()).isBetween(0.7, 1.0);
    assertThat(summary.pooledEntropy()).isCloseTo(Math.log(10) / Math.log(2), within(1e-9));
    assertThat(summary.text()).contains("bits a client, 3.32 of all");
  }

  @Test
  void ownersBecomeClients() {
    Partition partition = Partitions.natural(List.of("b", "a", "b", "c", "a", "b"));
    assertThat(partition.clients()).isEqualTo(3);
    assertThat(List.of(partition.name(0), partition.name(1), partition.name(2)))
        .containsExactly("b", "a", "c");
    assertThat(rows(partition, 0)).containsExactly(0, 2, 5);
    assertThat(rows(partition, 1)).containsExactly(1, 4);
    assertThatThrownBy(() -> partition.row(1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    Partition two = Partitions.only(partition, 2, 0);
    assertThat(two.name(1)).isEqualTo("b");
    assertThat(rows(two, 1)).containsExactly(0, 2, 5);
    assertThat(Partitions.atLeast(partition, 2).clients()).isEqualTo(2);
    assertThat(rows(Partitions.pooled(two), 0)).containsExactly(3, 0, 2, 5);
    Partition capped = Partitions.atMost(partition, 2, KEY);
    assertThat(capped.size(0)).isEqualTo(2);
    assertThat(rows(partition, 0)).contains(rows(capped, 0)).doesNotHaveDuplicates();
  }

  @Test
  void aMillionVirtualClientsTakeNoMemory() {
    int clients = 1_000_000;
    Partition partition = Partitions.virtual(1000, clients, 20, KEY);
    assertThat(partition.clients()).isEqualTo(clients);
    int[] uses = new int[1000];
    for (int c = clients - 50; c < clients; c++) {
      assertThat(rows(partition, c)).doesNotHaveDuplicates().hasSize(20);
      Arrays.stream(rows(partition, c)).forEach(r -> uses[r]++);
    }
    assertThat(uses).containsOnly(1);
    assertThat(rows(partition, 7)).isNotEqualTo(rows(partition, 57));
    assertThatThrownBy(() -> partition.row(clients, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> Partitions.iid(5, 6, KEY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("6 clients cannot share 5 examples; give 1 to 5 clients");
    assertThatThrownBy(() -> Partitions.dirichlet(labels(5), 0, 1, KEY))
        .hasMessageContaining("0 clients cannot share 5 examples");
    for (double alpha : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Partitions.dirichlet(labels(50), 5, alpha, KEY))
          .hasMessageContaining("alpha is positive and finite")
          .hasMessageEndingWith("not " + alpha);
    }
    assertThatThrownBy(() -> Partitions.shards(labels(50), 5, 11, KEY))
        .hasMessage("11 shards for each of 5 clients out of 50 examples; give 1 to 10");
    assertThatThrownBy(() -> Partitions.virtual(10, 1, 11, KEY)).hasMessageContaining("not 11");
    assertThatThrownBy(() -> Partitions.natural(List.of())).hasMessageContaining("no examples");
    assertThatThrownBy(() -> Partitions.atLeast(Partitions.iid(9, 3, KEY), 4))
        .hasMessage("none of 3 clients has 4 examples");
  }
}
