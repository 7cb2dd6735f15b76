package ai.kindred.peft;

import static ai.kindred.peft.Small.PASS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Dropout;
import ai.kindred.core.nn.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixtureOfDyadicExpertsTest {

  private static final int IN = 7;
  private static final int OUT = 5;
  private static final int ROWS = 6;

  private final Scope scope = Scope.open();
  private final Dense base = Small.dense(IN, OUT);
  private final Tensor x = Small.random("x", ROWS, IN);

  @AfterEach
  void close() {
    scope.close();
  }

  private MixtureOfDyadicExperts mixture(int m, int r, int p, double scale) {
    return new MixtureOfDyadicExperts(
        base,
        Small.random("a", r, IN),
        Small.random("b", OUT, (long) m * r),
        Router.of(Small.random("router", (long) (r / p) * m, IN), m),
        r,
        p,
        scale);
  }

  private static double[][] rows(Tensor t) {
    int rows = (int) t.size(0).value();
    int width = (int) t.size(1).value();
    double[] flat = t.toDoubles();
    double[][] made = new double[rows][width];
    for (int i = 0; i < flat.length; i++) {
      made[i / width][i % width] = flat[i];
    }
    return made;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The paper's double sum, expert by expert: sum_ik R_k^i(x) x A_k (B_k^i)^T. */
  private static double[][] naive(MixtureOfDyadicExperts e, Tensor x) {
    double[][] a = rows(e.modeA());
    double[][] b = rows(e.modeB());
    double[][] router = rows(e.modeRouter().weight());
    double[][] in = rows(x);
    double[][] y = new double[in.length][b.length];
    for (int t = 0; t < in.length; t++) {
      for (int k = 0; k < e.r() / e.p(); k++) {
        double[] weight = new double[e.m()];
        double all = 0;
        for (int i = 0; i < e.m(); i++) {
          weight[i] = Math.exp(dot(in[t], router[k * e.m() + i]));
          all += weight[i];
        }
        for (int i = 0; i < e.m(); i++) {
          for (int l = 0; l < e.p(); l++) {
            double h = dot(in[t], a[k * e.p() + l]);
            for (int q = 0; q < b.length; q++) {
              y[t][q] += e.scale() * weight[i] / all * h * b[q][(k * e.m() + i) * e.p() + l];
            }
          }
        }
      }
    }
    return y;
  }

  private static void assertClose(Tensor actual, double[][] expected) {
    double[][] got = rows(actual);
    for (int t = 0; t < expected.length; t++) {
      assertThat(got[t]).containsExactly(expected[t], within(1e-12));
    }
  }

  @Test
  void zeroUpProjectionIsTheBaseExactly() {
    var e = mixture(4, 4, 2, 1);
    var zero =
        new MixtureOfDyadicExperts(
            base, e.modeA(), Tensor.zeros(DType.FLOAT64, OUT, 16), e.modeRouter(), 4, 2, 1);
    assertThat(zero.apply(x, PASS).toDoubles()).isEqualTo(base.apply(x, PASS).toDoubles());
  }

  @Test
  void oneExpertIsLoraBitForBit() {
    var e = mixture(1, 4, 1, 0.7);
    var lora = new Lora(base, e.modeA(), e.modeB(), 0.7, Dropout.NONE);
    assertThat(e.apply(x, PASS).toDoubles()).isEqualTo(lora.apply(x, PASS).toDoubles());
    Linear merged = e.merged().orElseThrow();
    assertThat(merged.apply(x, PASS).toDoubles())
        .containsExactly(e.apply(x, PASS).toDoubles(), within(1e-12));
    assertThat(mixture(2, 4, 1, 1).merged()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1,4,1", "3,4,1", "3,4,2", "3,4,4", "2,6,3", "5,1,1"})
  void packedFormIsThePapersDoubleSum(int m, int r, int p) {
    var e = mixture(m, r, p, 1.5);
    assertClose(e.delta(x, PASS), naive(e, x));
  }

  /** y += sum_i R^i(x) x A (B^i)^T with one router for whole up-projections. */
  @Test
  void wholeRankExpertsAreSharedDownMoLora() {
    int m = 3;
    int r = 4;
    var e = mixture(m, r, r, 1);
    Tensor weights = x.linear(e.modeRouter().weight()).softmax(-1);
    Tensor sum = Tensor.zeros(DType.FLOAT64, ROWS, OUT);
    for (int i = 0; i < m; i++) {
      Tensor up = e.modeB().narrow(1, (long) i * r, r);
      sum = sum.add(x.linear(e.modeA()).linear(up).mul(weights.narrow(1, i, 1)));
    }
    assertThat(e.delta(x, PASS).toDoubles()).containsExactly(sum.toDoubles(), within(1e-12));
  }

  @Test
  void zeroRouterIsLoraWithTheMeanExpert() {
    int m = 3;
    int r = 4;
    var e = mixture(m, r, 1, 1);
    var even =
        new MixtureOfDyadicExperts(
            base,
            e.modeA(),
            e.modeB(),
            Router.of(Tensor.zeros(DType.FLOAT64, (long) m * r, IN), m),
            r,
            1,
            1);
    Tensor mean = e.modeB().reshape(OUT, r, m).mean(2, false);
    assertThat(even.delta(x, PASS).toDoubles())
        .containsExactly(x.linear(e.modeA()).linear(mean).toDoubles(), within(1e-12));
  }

  @Test
  void equalExpertsMakeTheRouterIrrelevant() {
    int m = 3;
    int r = 4;
    Tensor equal = Small.random("up", OUT, r).repeatInterleave(m, 1);
    Tensor a = Small.random("a", r, IN);
    Tensor one = Small.random("router", (long) r * m, IN);
    Tensor other = Small.random("other", (long) r * m, IN);
    assertThat(
            new MixtureOfDyadicExperts(base, a, equal, Router.of(one, m), r, 1, 1)
                .delta(x, PASS)
                .toDoubles())
        .containsExactly(
            new MixtureOfDyadicExperts(base, a, equal, Router.of(other, m), r, 1, 1)
                .delta(x, PASS)
                .toDoubles(),
            within(1e-12));
  }

  private record Variables(Tensor a, Tensor b, Tensor router, Tensor x) {}

  private Tensor loss(Variables v) {
    Tensor y =
        new MixtureOfDyadicExperts(base, v.a(), v.b(), Router.of(v.router(), 3), 4, 2, 1.3)
            .apply(v.x(), PASS);
    return y.mul(y).mul(Small.random("weights", ROWS, OUT)).sum();
  }

  @Test
  void gradientsAreFiniteDifferences() {
    var e = mixture(3, 4, 2, 1.3);
    var at = new Variables(e.modeA(), e.modeB(), e.modeRouter().weight(), x);
    Params grads;
    try (Kernel<Variables, Grad<Variables>> k = Kernel.of(v -> Grad.of(this::loss, v))) {
      grads = Tree.params(k.call(at).grads());
    }
    double step = 1e-5;
    try (Kernel<Variables, Tensor> value = Kernel.of(this::loss)) {
      for (Map.Entry<String, Tensor> leaf : Tree.leaves(at).entrySet()) {
        double[] values = leaf.getValue().toDoubles();
        double[] grad = grads.get(leaf.getKey()).toDoubles();
        for (int i = 0; i < values.length; i++) {
          double slope =
              (value.call(moved(at, leaf.getKey(), values, i, step)).item()
                      - value.call(moved(at, leaf.getKey(), values, i, -step)).item())
                  / (2 * step);
          assertThat(grad[i]).as(leaf.getKey() + "[" + i + "]").isCloseTo(slope, within(1e-7));
        }
      }
    }
  }

  private static Variables moved(Variables at, String name, double[] values, int i, double by) {
    double[] other = values.clone();
    other[i] += by;
    return Tree.mapPaths(at, (path, t) -> path.equals(name) ? Tensor.of(other, t.lengths()) : t);
  }

  @Test
  void symmetricStartWarnsAndNeverSeparates() {
    var config =
        MixtureOfDyadicExpertsConfig.of(3, 2, 1, Targets.allLinear())
            .withRouter(RouterConfig.defaults().withInit(0));
    assertThat(config.warnings()).singleElement().asString().contains("router's init is 0");
    assertThat(MixtureOfDyadicExpertsConfig.defaults().warnings()).isEmpty();
    // What the warning says: equal gradients for a slot's experts, none for the router.
    var start = config.adapt("", base, Init.of(Key.of(1)));
    Params params = Tree.params(start, Adapter.class);
    Params grads =
        Grad.of(p -> Tree.with(start, p).apply(x.to(DType.FLOAT32), PASS).pow(2).sum(), params)
            .grads();
    double[][] b = rows(grads.get("mode_b"));
    for (double[] row : b) {
      assertThat(row[0]).isEqualTo(row[1]).isEqualTo(row[2]).isNotZero();
    }
    assertThat(grads.get("mode_router.weight").abs().amax().item()).isZero();
  }

  @Test
  void rowsAreIndependent() {
    var e = mixture(3, 4, 2, 1);
    double[][] together = rows(e.apply(x, PASS));
    for (int t = 0; t < ROWS; t++) {
      assertThat(e.apply(x.narrow(0, t, 1), PASS).toDoubles())
          .containsExactly(together[t], within(1e-12));
    }
  }

  @Test
  void trainingChangesTheAdapterOnly() {
    double[] weight = base.weight().toDoubles();
    Tensor target = Small.random("target", ROWS, OUT);
    Adapter e = mixture(3, 4, 2, 1);
    Map<String, double[]> before = new LinkedHashMap<>();
    Params p = Tree.params(e, Adapter.class);
    p.asMap().forEach((k, t) -> before.put(k, t.toDoubles()));
    assertThat(before).containsOnlyKeys("mode_a", "mode_b", "mode_router.weight");
    double first = Double.NaN;
    double last = Double.NaN;
    for (int i = 0; i < 200; i++) {
      Grad<Params> g = Grad.of(q -> Tree.with(e, q).apply(x, PASS).sub(target).pow(2).mean(), p);
      p = p.sub(g.grads().mul(0.1));
      last = g.value().item();
      first = i == 0 ? last : first;
    }
    assertThat(last).isLessThan(first / 2);
    p.asMap().forEach((k, t) -> assertThat(t.toDoubles()).isNotEqualTo(before.get(k)));
    assertThat(base.weight().toDoubles()).isEqualTo(weight);
  }

  @Test
  void expertRankMustDivideRank() {
    assertThatThrownBy(() -> mixture(3, 4, 3, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 experts, rank 4, expert rank 3");
    assertThatThrownBy(() -> MixtureOfDyadicExpertsConfig.of(2, 6, 4, Targets.allLinear()))
        .hasMessageContaining("rank 6, expert rank 4");
  }
}
