package ai.kindred.federated.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import ai.kindred.federated.data.ThreeWaySplit.Shares;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThreeWaySplitTest {

  private static final Key KEY = Key.of(8);

  /** Client c, called by its number, has c + 1 examples. */
  private static Partition growing(int clients) {
    List<String> owners = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      owners.addAll(Collections.nCopies(c + 1, "user " + c));
    }
    return Partitions.natural(owners);
  }

  private static Set<Integer> rows(Partition partition, int client) {
    Set<Integer> set = new HashSet<>();
    for (int r : PartitionsTest.rows(partition, client)) {
      assertThat(set.add(r)).isTrue();
    }
    return set;
  }

  @Test
  void aFifthOfExamplesIsHeldOut() {
    Partition all = growing(20);
    ThreeWaySplit split = ThreeWaySplit.of(all, Shares.heldOutOnly(), KEY);
    assertThat(split.training().clients()).isEqualTo(20);
    assertThat(split.unparticipating().clients()).isZero();
    for (int c = 0; c < 20; c++) {
      assertThat(split.heldOut().size(c)).isEqualTo((int) Math.ceil((c + 1) / 5.0));
      Set<Integer> both = rows(split.training(), c);
      Set<Integer> out = rows(split.heldOut(), c);
      assertThat(both).doesNotContainAnyElementsOf(out);
      both.addAll(out);
      assertThat(both).isEqualTo(rows(all, c));
      assertThat(split.heldOut().name(c)).isEqualTo("user " + c);
    }
    assertThat(rows(split.heldOut(), 19)).isNotEqualTo(Set.of(190, 195, 200, 205));
  }

  @Test
  void someClientsNeverTrain() {
    Partition all = growing(50);
    ThreeWaySplit split = ThreeWaySplit.of(all, new Shares(0.2, 4, 0.5, false, 3), KEY);
    assertThat(split.unparticipating().clients()).isEqualTo(10);
    assertThat(split.training().clients()).isEqualTo(20);
    Set<String> names = new HashSet<>();
    for (int c = 0; c < 10; c++) {
      names.add(split.unparticipating().name(c));
    }
    for (int c = 0; c < 20; c++) {
      names.add(split.training().name(c));
      assertThat(split.training().size(c)).isLessThanOrEqualTo(3);
      assertThat(split.heldOut().name(c)).isEqualTo(split.training().name(c));
    }
    assertThat(names).hasSize(30);
    ThreeWaySplit whole = ThreeWaySplit.of(all, new Shares(0.2, 4, 0.5, true, 0), KEY);
    for (int c = 0; c < 10; c++) {
      String name = whole.unparticipating().name(c);
      assertThat(name).isEqualTo(split.unparticipating().name(c));
      int n = Integer.parseInt(name.substring("user ".length())) + 1;
      assertThat(rows(whole.unparticipating(), c)).hasSize(n);
      assertThat(rows(whole.unparticipating(), c)).containsAll(rows(split.unparticipating(), c));
    }
  }

  @Test
  void aViewOfVirtualClientsStoresNothing() {
    Partition virtual = Partitions.virtual(600, 1_000_000, 10, KEY);
    ThreeWaySplit split = ThreeWaySplit.of(virtual, new Shares(0, 4, 1, false, 0), KEY);
    assertThat(split.training().size(999_999)).isEqualTo(8);
    assertThat(IntStream.range(0, 8).map(i -> split.training().row(999_999, i)).distinct().count())
        .isEqualTo(8);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> new Shares(1, 4, 1, false, 0)).hasMessageContaining("not 1.0");
    assertThatThrownBy(() -> new Shares(Double.NaN, 4, 1, false, 0)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Shares(0, 4, 0, false, 0)).hasMessageContaining("not 0.0");
    assertThatThrownBy(() -> new Shares(0, 0, 1, false, 0)).hasMessageContaining("not 0 and 0");
    assertThatThrownBy(() -> ThreeWaySplit.of(growing(3), new Shares(0, 4, 0.1, false, 0), KEY))
        .hasMessageContaining("of 3 clients none is left to train");
  }
}
