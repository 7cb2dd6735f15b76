package ai.kindred.federated.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.kernel.Scope;
import ai.kindred.federated.Partition;
import ai.kindred.federated.network.Labelled;
import ai.kindred.federated.network.NextToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The data sets themselves: numbers that their makers give or that were counted by other means. */
class RealDataSetsTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Path folder(String name) {
    Path folder = Path.of(System.getProperty("kindred.data", "")).resolve(name);
    assumeTrue(
        Files.isDirectory(folder),
        name + " is not there: name the folder of data sets with -Dkindred.data=DIR");
    return folder;
  }

  @Test
  void fashionMnist() throws IOException {
    FederatedData<Labelled> data = FashionMnist.training(folder("fashion-mnist"));
    assertThat(data.examples().inputs().lengths()).containsExactly(60000, 1, 28, 28);
    for (int l = 0; l < 10; l++) {
      int label = l;
      assertThat(Arrays.stream(data.labels()).filter(x -> x == label).count()).isEqualTo(6000);
    }
    assertThat(data.naturalClients()).isEmpty();
  }

  @Test
  void omniglot() throws IOException {
    FederatedData<Labelled> data = Omniglot.read(folder("omniglot"));
    Partition drawers = data.naturalClients().orElseThrow();
    assertThat(drawers.clients()).isEqualTo(160);
    assertThat(data.classes()).hasSize(242);
    assertThat(data.labels()).hasSize(242 * 20);
  }

  @Test
  void shakespeare() throws IOException {
    Path play = folder("shakespeare").resolve("tinyshakespeare.txt");
    assertThat(Shakespeare.speeches(play)).hasSize(309);
    FederatedData<NextToken.Windows> data = Shakespeare.read(play, 80);
    assertThat(data.classes()).hasSizeBetween(63, 65);
    assertThat(data.naturalClients().orElseThrow().name(0)).isEqualTo("First Citizen");
  }

  @Test
  void stackExchange() throws IOException {
    FederatedData<Labelled> data = StackExchange.read(folder("stackexchange"), 1000);
    long questions = Arrays.stream(data.labels()).sum();
    // Counted by a script over the raw lines; the sites' own user is left out here.
    assertThat(questions).isBetween(2766L - 50, 2766L);
    assertThat(data.labels().length - questions).isBetween(6222L - 200, 6222L);
    assertThat(data.naturalClients().orElseThrow().clients()).isBetween(2150, 2201);
  }

  @Test
  void movieLens() throws IOException {
    FederatedData<Labelled> data = MovieLens.read(folder("movielens-latest-small"), 100);
    Partition users = data.naturalClients().orElseThrow();
    assertThat(users.clients()).isEqualTo(610);
    PartitionSummary summary = PartitionSummary.of(users, data.labels());
    assertThat(summary.examples()).isEqualTo(100_836);
    assertThat(summary.smallest()).isEqualTo(20);
    assertThat(summary.largest()).isEqualTo(2698);
  }
}
