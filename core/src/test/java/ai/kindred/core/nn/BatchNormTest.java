package ai.kindred.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchNormTest {

  private record Network(List<Layer> layers) {
    Tensor apply(Tensor x) {
      Tensor y = x;
      for (Layer layer : layers) {
        y = layer.apply(y);
      }
      return y;
    }
  }

  private static final Key KEY = Key.of(7).fold("batch norm");

  private final Scope scope = Scope.open();
  private final Conv2d conv = Conv2d.random(KEY.fold(0), 2, 3, 3, 1, 1).withBias();
  private final Network network = new Network(List.of(conv, BatchNorm.of(3)));

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor images(int batch) {
    Tensor noise =
        Tensor.randn(
            Tensor.of(KEY.fold("images").fold(batch)),
            DType.FLOAT32,
            Dim.of(6),
            Dim.of(2),
            Dim.of(5),
            Dim.of(4));
    return noise.mul(2).add(batch);
  }

  /** Mean and unbiased variance of a channel. */
  private static double[] moments(Tensor x, int channel) {
    double[] values = x.select(1, channel).contiguous().toDoubles();
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return new double[] {mean, squares / (values.length - 1)};
  }

  @Test
  void measuresTheMeanOfEachBatchsStatistics() {
    Network measured = BatchNorm.measured(network, Network::apply, List.of(images(0), images(1)));
    BatchNorm norm = (BatchNorm) measured.layers().get(1);
    for (int c = 0; c < 3; c++) {
      double[] first = moments(conv.apply(images(0)), c);
      double[] second = moments(conv.apply(images(1)), c);
      assertThat(norm.runningMean().toDoubles()[c])
          .isCloseTo((first[0] + second[0]) / 2, within(1e-5));
      assertThat(norm.runningVar().toDoubles()[c])
          .isCloseTo((first[1] + second[1]) / 2, within(1e-4));
    }
  }

  @Test
  void aFoldedConvolutionDoesWhatBothDo() {
    Network measured = BatchNorm.measured(network, Network::apply, List.of(images(0)));
    BatchNorm norm = (BatchNorm) measured.layers().get(1);
    BatchNorm scaled =
        new BatchNorm(
            Tensor.of(new float[] {2, -1, 0.5f}),
            Tensor.of(new float[] {1, 0, -3}),
            norm.runningMean(),
            norm.runningVar(),
            norm.eps());
    double[] both = scaled.apply(conv.apply(images(3))).toDoubles();
    assertThat(scaled.folded(conv).apply(images(3)).toDoubles())
        .containsExactly(both, within(1e-4));
  }

  @Test
  void inTrainingEachBatchGivesItsOwnStatisticsAndPathsStay() {
    Network training = BatchNorm.training(network);
    Tensor y = training.apply(images(2));
    for (int c = 0; c < 3; c++) {
      double[] m = moments(y, c);
      assertThat(m[0]).isCloseTo(0, within(1e-5));
      assertThat(m[1]).isCloseTo(1, within(0.02));
    }
    assertThat(Tree.leaves(training).keySet()).isEqualTo(Tree.leaves(network).keySet());
    assertThat(Tree.leaves(network)).containsKeys("layers.0.weight", "layers.1.running_mean");
  }

  @Test
  void measuringNeedsABatch() {
    assertThatThrownBy(() -> BatchNorm.measured(network, Network::apply, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no batches");
  }
}
