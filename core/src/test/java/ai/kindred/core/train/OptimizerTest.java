package ai.kindred.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.config.Configs;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each optimiser against its equations in plain Java doubles, ten steps long. */
class OptimizerTest {

  private static final int ROWS = 3;
  private static final int COLUMNS = 4;
  private static final int STEPS = 10;

  /**
   * A step of a reference: p[0] is a matrix row by row, p[1] a vector, p[2] a number; changes them
   * in place.
   */
  private interface Reference {
    void step(int t, double[][] p, double[][] g, double rate);
  }

  record In(Params params, Params grads, Optimizer.State state, Tensor rate) {}

  private static double[][] start() {
    double[][] p = {new double[ROWS * COLUMNS], new double[5], new double[1]};
    for (double[] leaf : p) {
      for (int i = 0; i < leaf.length; i++) {
        leaf[i] = Math.cos(1.7 * i + leaf.length);
      }
    }
    return p;
  }

  /** A gradient that depends on the parameters, so that errors grow if there are any. */
  private static double gradient(double p, int i, int t) {
    return 0.3 * p + Math.sin(2.0 * i + t) * (t % 3 == 0 ? 5 : 1);
  }

  private static double rate(int t) {
    return 0.05 / t;
  }

  private static Params params(double[][] p, DType dtype) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    leaves.put("matrix", Tensor.of(p[0], ROWS, COLUMNS).to(dtype));
    leaves.put("vector", Tensor.of(p[1], p[1].length).to(dtype));
    leaves.put("number", Tensor.scalar(p[2][0], dtype));
    return new Params(leaves);
  }

  private static void compare(
      Optimizer optimizer, Reference reference, DType dtype, double within) {
    int before = Scope.live();
    try (Kernel<In, Optimizer.Update> kernel =
            Kernel.of(in -> optimizer.step(in.params(), in.grads(), in.state(), in.rate()));
        Scope scope = Scope.open()) {
      double[][] expected = start();
      Params params = params(expected, dtype);
      Optimizer.State state = optimizer.init(params);
      assertThat(bytes(state)).isEqualTo(optimizer.stateBytes(params));
      for (int t = 1; t <= STEPS; t++) {
        double[][] g = new double[3][];
        for (int leaf = 0; leaf < 3; leaf++) {
          g[leaf] = new double[expected[leaf].length];
          for (int i = 0; i < g[leaf].length; i++) {
            g[leaf][i] = gradient(expected[leaf][i], i, t);
          }
        }
        reference.step(t, expected, g, rate(t));
        Optimizer.Update update =
            kernel.call(
                new In(params, params(g, dtype), state, Tensor.scalar(rate(t), DType.FLOAT64)));
        params = update.params();
        state = update.state();
        assertThat(params.asMap().values()).extracting(Tensor::dtype).containsOnly(dtype);
        assertThat(params.get("matrix").toDoubles()).containsExactly(expected[0], within(within));
        assertThat(params.get("vector").toDoubles()).containsExactly(expected[1], within(within));
        assertThat(params.get("number").toDoubles()).containsExactly(expected[2], within(within));
      }
      assertThat(state.step().toLongs()).containsExactly(STEPS);
      assertThat(scope.size()).isPositive();
    }
    assertThat(Scope.live()).isEqualTo(before);
  }

  private static long bytes(Object tree) {
    return Estimate.bytes(Tree.params(tree));
  }

  private static Reference adamW(double b1, double b2, double eps, double decay) {
    double[][] m = {new double[ROWS * COLUMNS], new double[5], new double[1]};
    double[][] v = {new double[ROWS * COLUMNS], new double[5], new double[1]};
    return (t, p, g, rate) -> {
      for (int leaf = 0; leaf < 3; leaf++) {
        for (int i = 0; i < p[leaf].length; i++) {
          p[leaf][i] -= rate * decay * p[leaf][i];
          m[leaf][i] = b1 * m[leaf][i] + (1 - b1) * g[leaf][i];
          v[leaf][i] = b2 * v[leaf][i] + (1 - b2) * g[leaf][i] * g[leaf][i];
          double mHat = m[leaf][i] / (1 - Math.pow(b1, t));
          double vHat = v[leaf][i] / (1 - Math.pow(b2, t));
          p[leaf][i] -= rate * mHat / (Math.sqrt(vHat) + eps);
        }
      }
    };
  }

  @Test
  void adamWIsItsEquations() {
    AdamW optimizer = new AdamW(0.8, 0.95, 1e-3, 0.1);
    compare(optimizer, adamW(0.8, 0.95, 1e-3, 0.1), DType.FLOAT64, 1e-13);
    compare(optimizer, adamW(0.8, 0.95, 1e-3, 0.1), DType.FLOAT32, 2e-6);
    compare(AdamW.defaults(), adamW(0.9, 0.999, 1e-8, 0), DType.FLOAT32, 2e-6);
  }

  @Test
  void momentsOfNarrowParametersStayWide() {
    compare(AdamW.defaults(), adamW(0.9, 0.999, 1e-8, 0), DType.BFLOAT16, 0.03);
    try (Scope scope = Scope.open()) {
      Optimizer.State state = AdamW.defaults().init(params(start(), DType.BFLOAT16));
      assertThat(Tree.leaves(state).values())
          .extracting(Tensor::dtype)
          .containsOnly(DType.INT64, DType.FLOAT32);
      assertThat(scope.size()).isPositive();
    }
  }

  /** The paper's algorithms with its sums over rows and columns. */
  private static Reference adafactor(boolean scaled) {
    double[] r = new double[ROWS];
    double[] c = new double[COLUMNS];
    double[][] full = {{}, new double[5], new double[1]};
    return (t, p, g, rate) -> {
      double b = 1 - Math.pow(t, -0.8);
      double[][] u = {new double[ROWS * COLUMNS], new double[5], new double[1]};
      double[] rowSums = new double[ROWS];
      double[] columnSums = new double[COLUMNS];
      for (int i = 0; i < ROWS * COLUMNS; i++) {
        double square = g[0][i] * g[0][i] + 1e-30;
        rowSums[i / COLUMNS] += square;
        columnSums[i % COLUMNS] += square;
      }
      double all = 0;
      for (int i = 0; i < ROWS; i++) {
        r[i] = b * r[i] + (1 - b) * rowSums[i];
        all += r[i];
      }
      for (int j = 0; j < COLUMNS; j++) {
        c[j] = b * c[j] + (1 - b) * columnSums[j];
      }
      for (int i = 0; i < ROWS * COLUMNS; i++) {
        u[0][i] = g[0][i] / Math.sqrt(r[i / COLUMNS] * c[i % COLUMNS] / all);
      }
      for (int leaf = 1; leaf < 3; leaf++) {
        for (int i = 0; i < full[leaf].length; i++) {
          double square = g[leaf][i] * g[leaf][i] + 1e-30;
          full[leaf][i] = b * full[leaf][i] + (1 - b) * square;
          u[leaf][i] = g[leaf][i] / Math.sqrt(full[leaf][i]);
        }
      }
      for (int leaf = 0; leaf < 3; leaf++) {
        double scale = scaled ? Math.max(1e-3, rms(p[leaf])) : 1;
        double clip = Math.max(1, rms(u[leaf]));
        for (int i = 0; i < p[leaf].length; i++) {
          p[leaf][i] -= rate * scale * u[leaf][i] / clip;
        }
      }
    };
  }

  private static double rms(double[] x) {
    double sum = 0;
    for (double d : x) {
      sum += d * d;
    }
    return Math.sqrt(sum / x.length);
  }

  @Test
  void adafactorIsThePapersAlgorithms() {
    compare(Adafactor.defaults(), adafactor(true), DType.FLOAT64, 1e-12);
    compare(Adafactor.defaults(), adafactor(true), DType.FLOAT32, 2e-6);
    compare(new Adafactor(0.8, 1, false, 1e-30, 1e-3), adafactor(false), DType.FLOAT64, 1e-12);
  }

  @Test
  void sgdIsItsEquations() {
    double[][] b = {new double[ROWS * COLUMNS], new double[5], new double[1]};
    Reference momentum =
        (t, p, g, rate) -> {
          for (int leaf = 0; leaf < 3; leaf++) {
            for (int i = 0; i < p[leaf].length; i++) {
              b[leaf][i] = 0.9 * b[leaf][i] + g[leaf][i] + 0.01 * p[leaf][i];
              p[leaf][i] -= rate * b[leaf][i];
            }
          }
        };
    compare(new Sgd(0.9, 0.01), momentum, DType.FLOAT64, 1e-13);
    Reference plain =
        (t, p, g, rate) -> {
          for (int leaf = 0; leaf < 3; leaf++) {
            for (int i = 0; i < p[leaf].length; i++) {
              p[leaf][i] -= rate * g[leaf][i];
            }
          }
        };
    compare(Sgd.defaults(), plain, DType.FLOAT32, 2e-6);
  }

  @Test
  void stacksOfMatricesAreFactoredEachByItself() {
    try (Scope scope = Scope.open()) {
      Params stack = new Params(Map.of("w", Tensor.zeros(DType.FLOAT32, 2, 3, 4)));
      Adafactor optimizer = Adafactor.defaults();
      Optimizer.State state = optimizer.init(stack);
      assertThat(Moments.of(state, "row_mean_square").get("w").lengths()).containsExactly(2, 3);
      assertThat(Moments.of(state, "column_mean_square").get("w").lengths()).containsExactly(2, 4);
      assertThat(optimizer.stateBytes(stack)).isEqualTo(bytes(state)).isEqualTo(8 + 4 * (6 + 8));
      assertThat(scope.size()).isPositive();
    }
  }

  @Test
  void aStateOfAnotherOptimizerIsNamed() {
    try (Scope scope = Scope.open()) {
      Params p = params(start(), DType.FLOAT32);
      Optimizer.State state = new Sgd(0.9, 0).init(p);
      Tensor rate = Tensor.scalar(0.1, DType.FLOAT64);
      assertThatThrownBy(() -> AdamW.defaults().step(p, p, state, rate))
          .hasMessage("a state with [momentum] has no exp_avg: it is of another optimiser");
      assertThat(scope.size()).isPositive();
    }
  }

  record Choice(Optimizer optimizer, Schedule schedule) {}

  @Test
  void optimizersAndSchedulesAreReadFromJson() throws Exception {
    Choice choice =
        Configs.parse(
            Choice.class,
            "{\"optimizer\": {\"kind\": \"adafactor\", \"clip\": 2},"
                + " \"schedule\": {\"kind\": \"inverse_square_root\", \"peak\": 0.01,"
                + " \"warmup\": 10}}",
            "choice.json");
    assertThat(choice)
        .isEqualTo(
            new Choice(
                new Adafactor(0.8, 2, true, 1e-30, 1e-3),
                new Schedule.InverseSquareRoot(0.01, 10)));
  }
}
