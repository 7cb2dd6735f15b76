package ai.kindred.federated.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.Merge;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ServerOptimizerTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static JsonNode golden() throws IOException {
    Path file =
        Path.of(System.getProperty("kindred.data", "")).resolve("../golden/server-optimizers.json");
    assumeTrue(Files.exists(file), "no golden values at " + file + ": set -Dkindred.data");
    return new ObjectMapper().readTree(Files.readString(file));
  }

  private static double[] numbers(JsonNode arrays) {
    List<Double> all = new ArrayList<>();
    arrays.forEach(a -> a.forEach(n -> all.add(n.doubleValue())));
    return all.stream().mapToDouble(d -> d).toArray();
  }

  private static Params params(double[] all) {
    Map<String, Tensor> made = new LinkedHashMap<>();
    made.put("weight", Tensor.of(Arrays.copyOfRange(all, 0, 12), 3, 4));
    made.put("bias", Tensor.of(Arrays.copyOfRange(all, 12, 16), 4));
    return new Params(made);
  }

  private static double[] flat(Params params) {
    return FlatVector.of(params).toDoubleVector();
  }

  private static ServerOptimizer optimizer(String name) {
    return switch (name) {
      case "fedavgm" -> new ServerOptimizer.Momentum(0.7, 0.9);
      case "fedadam" -> new ServerOptimizer.Adam(0.1, 0.9, 0.99, 1e-3, true);
      case "fedyogi" -> new ServerOptimizer.Yogi(0.1, 0.9, 0.99, 1e-3);
      case "fedadagrad" -> new ServerOptimizer.Adagrad(0.1, 1e-3);
      default -> ServerOptimizer.sgd(1);
    };
  }

  private static Merge merge(String name) {
    return switch (name) {
      case "median" -> new RobustMerge.Median();
      case "trimmed_mean" -> new RobustMerge.TrimmedMean(0.2);
      case "krum" -> new RobustMerge.Krum(1, 0);
      default ->
          (answers, weights) -> {
            INDArray sum = Nd4j.zerosLike(answers.get(0));
            double total = 0;
            for (int i = 0; i < weights.length; i++) {
              sum.addi(answers.get(i).mul(weights[i]));
              total += weights[i];
            }
            return sum.divi(total);
          };
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fedavg",
        "fedavgm",
        "fedadam",
        "fedyogi",
        "fedadagrad",
        "median",
        "trimmed_mean",
        "krum"
      })
  void roundsAreFlowers(String name) throws IOException {
    JsonNode golden = golden();
    ServerOptimizer optimizer = optimizer(name);
    ServerOptimizer.State state = optimizer.start(params(numbers(golden.get("initial"))));
    for (int r = 0; r < golden.get("rounds").size(); r++) {
      List<INDArray> answers = new ArrayList<>();
      List<Double> weights = new ArrayList<>();
      for (JsonNode client : golden.get("rounds").get(r)) {
        answers.add(Nd4j.createFromArray(numbers(client.get("delta"))));
        weights.add(client.get("examples").doubleValue());
      }
      INDArray merged = merge(name).merge(answers, weights.stream().mapToDouble(d -> d).toArray());
      state = optimizer.step(state, params(merged.toDoubleVector()));
      assertThat(flat(state.x()))
          .as("round %d", r)
          .containsExactly(numbers(golden.get("after_each_round").get(name).get(r)), within(1e-6));
    }
    assertThat(state.steps().toLongs()).containsExactly(4);
  }

  /** The same updates in plain Java, over many steps, with weights of every sign. */
  @Test
  void vectorsDoWhatPlainLoopsDo() {
    int n = 257;
    double[] x = new double[n];
    double[] m = new double[n];
    double[] v = new double[n];
    INDArray vm = Nd4j.createFromArray(new double[n]);
    INDArray vv = Nd4j.createFromArray(new double[n]);
    INDArray vx = Nd4j.createFromArray(new double[n]);
    ServerOptimizer yogi = new ServerOptimizer.Yogi(0.03, 0.8, 0.95, 1e-2);
    for (int t = 1; t <= 30; t++) {
      double[] d = new double[n];
      for (int i = 0; i < n; i++) {
        d[i] = Math.sin(i * 0.7 + t) * (i % 3 - 1);
        m[i] = 0.8 * m[i] + 0.2 * d[i];
        v[i] -= 0.05 * d[i] * d[i] * Math.signum(v[i] - d[i] * d[i]);
        x[i] += 0.03 * m[i] / (Math.sqrt(v[i]) + 1e-2);
      }
      vx.addi(yogi.move(Nd4j.createFromArray(d), List.of(vm, vv), t));
    }
    assertThat(vx.toDoubleVector()).containsExactly(x, within(1e-12));
  }

  @Test
  void twoOfTheThreeNumbersAtEitherEndAreCut() {
    List<INDArray> answers = new ArrayList<>();
    for (double d : new double[] {5, 1, 1000, 3, -1000}) {
      answers.add(Nd4j.createFromArray(new double[] {d, -d}));
    }
    double[] weights = {1, 1, 1, 1, 1};
    assertThat(new RobustMerge.TrimmedMean(0.2).merge(answers, weights).toDoubleVector())
        .containsExactly(3, -3);
    assertThat(new RobustMerge.Median().merge(answers, weights).toDoubleVector())
        .containsExactly(3, -3);
    assertThat(new RobustMerge.Median().merge(answers.subList(0, 4), weights).toDoubleVector())
        .containsExactly(4, -4);
    assertThat(new RobustMerge.Krum(2, 0).merge(answers, weights).toDoubleVector()[0])
        .isBetween(1.0, 5.0);
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> new ServerOptimizer.Adam(0.1, 1, 0.99, 1e-3, true))
        .hasMessage("beta1 is at least 0 and below 1, not 1.0");
    assertThatThrownBy(() -> new ServerOptimizer.Adagrad(0.1, 0))
        .hasMessage("tau is positive, not 0.0");
    assertThatThrownBy(() -> new ServerOptimizer.Momentum(Double.NaN, 0))
        .hasMessage("a server's rate is finite and at least 0, not NaN");
    assertThatThrownBy(() -> new RobustMerge.TrimmedMean(0.5))
        .hasMessageContaining("below 0.5, not 0.5");
  }
}
