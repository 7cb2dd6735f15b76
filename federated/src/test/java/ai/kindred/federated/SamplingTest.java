package ai.kindred.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplingTest {

  private static final Key KEY = Key.of(11);

  @Test
  void uniformDrawsDifferentClientsAlikeOften() {
    int[] seen = new int[10];
    int rounds = 3000;
    for (int r = 0; r < rounds; r++) {
      List<Integer> drawn = Sampling.uniform(3).draw(r, 10, KEY.fold(r));
      assertThat(drawn).doesNotHaveDuplicates().hasSize(3);
      drawn.forEach(c -> seen[c]++);
    }
    for (int s : seen) {
      assertThat(s / (double) rounds).isCloseTo(0.3, within(0.05));
    }
    assertThat(Sampling.uniform(30).draw(0, 4, KEY)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void poissonDrawsEachClientByItself() {
    int rounds = 4000;
    double sum = 0;
    double squares = 0;
    int[] seen = new int[40];
    for (int r = 0; r < rounds; r++) {
      List<Integer> drawn = Sampling.poisson(0.1).draw(r, 40, KEY.fold(r));
      assertThat(drawn).doesNotHaveDuplicates();
      drawn.forEach(c -> seen[c]++);
      sum += drawn.size();
      squares += drawn.size() * drawn.size();
    }
    double mean = sum / rounds;
    assertThat(mean).isCloseTo(4, within(0.15));
    assertThat(squares / rounds - mean * mean).isCloseTo(40 * 0.1 * 0.9, within(0.4));
    assertThat(seen[0] / (double) rounds).isCloseTo(0.1, within(0.025));
    assertThat(seen[39] / (double) rounds).isCloseTo(0.1, within(0.025));
    assertThat(Sampling.poisson(1).draw(0, 3, KEY)).containsExactly(0, 1, 2);
  }

  @Test
  void weightedDrawsInProportionAndNeverWithoutWeight() {
    Map<Integer, Integer> first = new HashMap<>();
    int rounds = 4000;
    for (int r = 0; r < rounds; r++) {
      List<Integer> drawn = Sampling.weighted(2, c -> c).draw(r, 4, KEY.fold(r));
      assertThat(drawn).doesNotHaveDuplicates().doesNotContain(0).hasSize(2);
      first.merge(drawn.get(0), 1, Integer::sum);
    }
    for (int c = 1; c < 4; c++) {
      assertThat(first.getOrDefault(c, 0) / (double) rounds).isCloseTo(c / 6.0, within(0.03));
    }
  }

  @Test
  void allTakeTheirTurnBeforeOneComesAgain() {
    Sampling turns = Sampling.minimumReuse(3, KEY);
    int[] seen = new int[9];
    for (int r = 0; r < 6; r++) {
      turns.draw(r, 9, Key.of(r)).forEach(c -> seen[c]++);
      if (r == 2) {
        assertThat(seen).containsOnly(1);
      }
    }
    assertThat(seen).containsOnly(2);
    assertThat(turns.draw(1, 2, KEY)).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void ratesAndCohortsAreChecked() {
    assertThatThrownBy(() -> Sampling.uniform(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> Sampling.poisson(1.5)).hasMessageContaining("not 1.5");
    assertThatThrownBy(() -> Sampling.weighted(1, c -> -1).draw(0, 2, KEY))
        .hasMessageContaining("client 0 is -1.0");
  }
}
