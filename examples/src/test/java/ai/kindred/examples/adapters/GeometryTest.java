package ai.kindred.examples.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeometryTest {

  private static final double TIGHT = 1e-9;

  /** Points on two axes of known lengths: variances 2 * 9 and 2 * 1 around the mean. */
  @Test
  void componentsOfAKnownCross() {
    double[][] points = {{5, 7, 0}, {-1, 7, 0}, {2, 8, 0}, {2, 6, 0}};
    PrincipalComponents pca = PrincipalComponents.of(points, 3);
    assertThat(pca.shares().get(0)).isCloseTo(0.9, within(TIGHT));
    assertThat(pca.shares().get(1)).isCloseTo(0.1, within(TIGHT));
    assertThat(pca.shares().get(2)).isCloseTo(0, within(TIGHT));
    assertThat(pca.coordinates().get(0).get(0))
        .isCloseTo(-pca.coordinates().get(1).get(0), within(TIGHT));
    assertThat(Math.abs(pca.coordinates().get(0).get(0))).isCloseTo(3, within(TIGHT));
    assertThat(Math.abs(pca.coordinates().get(2).get(1))).isCloseTo(1, within(TIGHT));
    assertThat(pca.coordinates().get(2).get(0)).isCloseTo(0, within(TIGHT));
  }

  /** Components keep distances, which rotations and shifts do not change. */
  @Test
  void allComponentsTogetherKeepDistances() {
    double[][] points = new double[6][];
    for (int i = 0; i < 6; i++) {
      points[i] = Key.of(i).random().doubles(20).toArray();
    }
    PrincipalComponents pca = PrincipalComponents.of(points, 6);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < i; j++) {
        double before = 0;
        double after = 0;
        for (int d = 0; d < 20; d++) {
          before += Math.pow(points[i][d] - points[j][d], 2);
        }
        for (int c = 0; c < 6; c++) {
          after += Math.pow(pca.coordinates().get(i).get(c) - pca.coordinates().get(j).get(c), 2);
        }
        assertThat(after).isCloseTo(before, within(1e-8));
      }
    }
    assertThat(pca.shares().stream().mapToDouble(s -> s).sum()).isCloseTo(1, within(1e-9));
  }

  @Test
  void pointsThatAreAllTheSameHaveNoComponents() {
    PrincipalComponents pca = PrincipalComponents.of(new double[][] {{1, 2}, {1, 2}}, 3);
    assertThat(pca.shares()).containsExactly(0.0, 0.0);
    assertThat(pca.coordinates()).containsExactly(List.of(0.0, 0.0), List.of(0.0, 0.0));
  }

  @Test
  void tasksWithTheSameVectors() {
    double[][] task = {{1, 0, 0, 0}, {0, 2, 0, 0}};
    SlotGeometry same = SlotGeometry.of(new double[][][] {task, task, task});
    assertThat(same.within()).isCloseTo(1, within(TIGHT));
    assertThat(same.between()).isCloseTo(0, within(TIGHT));
    assertThat(same.slotShare()).isCloseTo(1, within(TIGHT));
    assertThat(same.overlap()).isCloseTo(1, within(TIGHT));
  }

  /** Another numbering of the same vectors hides them from the slots, not from the spans. */
  @Test
  void tasksWithTheSameSpanInAnotherOrder() {
    double[][] task = {{1, 0, 0}, {0, 1, 0}};
    double[][] swapped = {{0, 3, 0}, {3, 0, 0}};
    SlotGeometry geometry = SlotGeometry.of(new double[][][] {task, swapped});
    assertThat(geometry.within()).isCloseTo(0, within(TIGHT));
    assertThat(geometry.between()).isCloseTo(1, within(TIGHT));
    assertThat(geometry.overlap()).isCloseTo(1, within(TIGHT));
  }

  @Test
  void overlapIsTheSquaredCosineOfTheAngleBetweenLines() {
    double angle = 0.7;
    double[][] line = {{2, 0}};
    double[][] other = {{Math.cos(angle), Math.sin(angle)}};
    assertThat(SlotGeometry.overlap(line, other))
        .isCloseTo(Math.pow(Math.cos(angle), 2), within(TIGHT));
    assertThat(SlotGeometry.overlap(line, new double[][] {{0, 0}})).isZero();
    assertThatThrownBy(() -> SlotGeometry.of(new double[][][] {line}))
        .hasMessageContaining("at least 2 tasks");
  }

  /** Random spans of 4 in 200 dimensions overlap by 4 / 200 on average. */
  @Test
  void chance() {
    double[][][] tasks = new double[12][4][];
    for (int t = 0; t < 12; t++) {
      for (int k = 0; k < 4; k++) {
        var random = Key.of(t).fold(k).random();
        tasks[t][k] = random.doubles(200).map(x -> x - 0.5).toArray();
      }
    }
    SlotGeometry geometry = SlotGeometry.of(tasks);
    assertThat(geometry.overlap()).isCloseTo(0.02, within(0.005));
    assertThat(geometry.slotShare()).isCloseTo(3.0 / 47, within(0.02));
    assertThat(geometry.within()).isCloseTo(0, within(0.03));
  }

  @Test
  void matricesAreCutAlongRank() {
    double[] six = {1, 2, 3, 4, 5, 6};
    assertThat(Redundancy.rows(six, 2)).isDeepEqualTo(new double[][] {{1, 2, 3}, {4, 5, 6}});
    assertThat(Redundancy.columns(six, 2)).isDeepEqualTo(new double[][] {{1, 3, 5}, {2, 4, 6}});
    assertThat(Redundancy.layer("model.layers.12.self_attn.q_proj")).isEqualTo(12);
    assertThat(Redundancy.layer("lm_head")).isZero();
  }
}
