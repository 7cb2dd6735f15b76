package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Optimizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method, with every router option, against plain loops in double precision. */
class MethodsTest {

  private static final int IN = 7;
  private static final int OUT = 5;
  private static final int ROWS = 6;
  private static final double RATE = 0.01;
  private static final AdamW ADAM = new AdamW(0.9, 0.999, 1e-8, 0.1);
  private static final RouterConfig PLAIN = RouterConfig.defaults();
  private static final RouterConfig ALL = new RouterConfig(true, 1, 0.7, 2);
  private static final Targets ANY = Targets.allLinear();

  private final Scope scope = Scope.open();
  private final Dense base = Small.dense(IN, OUT);
  private final Tensor x = Small.random("x", ROWS, IN);
  private final Tensor c = Small.random("c", ROWS, OUT);

  @AfterEach
  void close() {
    scope.close();
  }

  /** First values in double precision, none of them zero. */
  private static final class Random implements Init {
    private int made;

    @Override
    public Tensor uniform(String name, double bound, long... shape) {
      return Small.random(name, shape);
    }

    @Override
    public Tensor zeros(long... shape) {
      return Small.random("zeros" + made++, shape);
    }
  }

  static Stream<Arguments> methods() {
    return Stream.of(
        Arguments.of(LoraConfig.of(3, 6, ANY), Naive.lora(3, 2)),
        Arguments.of(MoLoraConfig.of(3, 2, ANY), Naive.moLora(3, 2, 1, PLAIN)),
        Arguments.of(new MoLoraConfig(3, 2, 1.5, ALL, ANY), Naive.moLora(3, 2, 1.5, ALL)),
        Arguments.of(MoLoraSharedDownConfig.of(3, 2, ANY), Naive.moLoraSharedDown(3, 2, 1, PLAIN)),
        Arguments.of(
            new MoLoraSharedDownConfig(4, 2, 1.5, ALL, ANY),
            Naive.moLoraSharedDown(4, 2, 1.5, ALL)),
        Arguments.of(MixtureOfDyadicExpertsConfig.of(3, 4, 1, ANY), Naive.mode(3, 4, 1, 1, PLAIN)),
        Arguments.of(MixtureOfDyadicExpertsConfig.of(3, 4, 2, ANY), Naive.mode(3, 4, 2, 1, PLAIN)),
        Arguments.of(
            new MixtureOfDyadicExpertsConfig(3, 4, 2, 1.5, ALL, ANY),
            Naive.mode(3, 4, 2, 1.5, ALL)),
        Arguments.of(
            new MixtureOfDyadicExpertsConfig(4, 4, 1, 0.5, PLAIN.withTopK(1), ANY),
            Naive.mode(4, 4, 1, 0.5, PLAIN.withTopK(1))),
        Arguments.of(MixtureOfDyadicExpertsConfig.of(1, 4, 2, ANY), Naive.mode(1, 4, 2, 1, PLAIN)));
  }

  private static double[][] rows(Tensor t) {
    long[] shape = t.lengths();
    int width = (int) shape[shape.length - 1];
    double[] flat = t.toDoubles();
    double[][] made = new double[flat.length / width][];
    for (int i = 0; i < made.length; i++) {
      made[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
    }
    return made;
  }

  private static double[][] leaf(Params params, String end, int rows, int width) {
    return params.asMap().entrySet().stream()
        .filter(e -> e.getKey().endsWith(end))
        .findFirst()
        .map(e -> rows(e.getValue()))
        .orElse(new double[rows][width]);
  }

  private Naive.Values values(Params params) {
    return new Naive.Values(
        rows(base.weight()),
        leaf(params, "_a", 0, 0),
        leaf(params, "_b", 0, 0),
        leaf(params, "router.weight", 0, 0),
        leaf(params, "router.bias", 1, 64)[0],
        rows(x));
  }

  private record In(Params params, Tensor x) {}

  private record Step(Grad<In> grad, Params next) {}

  private Tensor loss(Adapter adapter, In in) {
    Tensor y = Tree.with(adapter, in.params()).apply(in.x(), Small.pass(true, null));
    return y.mul(y).mul(c).sum();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void forwardGradientsAndStepAreThoseOfPlainLoops(AdapterConfig config, Naive naive) {
    Adapter adapter = config.adapt("", base, new Random());
    Params params = Tree.params(adapter, Adapter.class);
    Naive.Values v = values(params);

    double[][] y = naive.forward(v);
    assertClose("y", rows(adapter.apply(x, Small.PASS)), y, 1e-12);

    Optimizer.State state = ADAM.init(params);
    Step step;
    try (Kernel<In, Step> k =
        Kernel.of(
            in -> {
              Grad<In> g = Grad.of(i -> loss(adapter, i), in);
              Tensor rate = Tensor.scalar(RATE, DType.FLOAT64);
              return new Step(g, ADAM.step(in.params(), g.grads().params(), state, rate).params());
            })) {
      step = k.call(new In(params, x));
    }
    double[][] weights = rows(c);
    double[][] dy = new double[ROWS][OUT];
    double loss = 0;
    for (int t = 0; t < ROWS; t++) {
      for (int q = 0; q < OUT; q++) {
        loss += weights[t][q] * y[t][q] * y[t][q];
        dy[t][q] = 2 * weights[t][q] * y[t][q];
      }
    }
    assertThat(step.grad().value().item()).isCloseTo(loss, within(1e-10));
    Map<String, double[][]> expected = naive.backward(v, dy);
    assertClose("dx", rows(step.grad().grads().x()), get(expected, "x"), 1e-11);
    Map<String, double[][]> was = new LinkedHashMap<>();
    params.asMap().forEach((name, t) -> was.put(name, rows(t)));
    for (Map.Entry<String, Tensor> e : step.grad().grads().params().asMap().entrySet()) {
      String name = e.getKey().replaceAll(".*[_.]", "");
      double[][] grad = get(expected, name);
      assertClose(e.getKey(), rows(e.getValue()), grad, 1e-11);
      assertClose(
          "next " + e.getKey(),
          rows(step.next().get(e.getKey())),
          stepped(get(was, e.getKey()), grad),
          1e-9);
    }
  }

  /** AdamW's first step: both moments are the gradient's own. */
  private static double[][] stepped(double[][] p, double[][] g) {
    double[][] next = new double[p.length][];
    for (int i = 0; i < p.length; i++) {
      next[i] = p[i].clone();
      for (int j = 0; j < p[i].length; j++) {
        next[i][j] -= RATE * (0.1 * p[i][j] + g[i][j] / (Math.abs(g[i][j]) + 1e-8));
      }
    }
    return next;
  }

  private static double[][] get(Map<String, double[][]> map, String name) {
    double[][] value = map.get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + map.keySet());
    }
    return value;
  }

  private static void assertClose(String what, double[][] actual, double[][] expected, double tol) {
    assertThat(actual).as(what).hasNumberOfRows(expected.length);
    for (int t = 0; t < expected.length; t++) {
      assertThat(actual[t]).as(what).containsExactly(expected[t], within(tol));
    }
  }

  /** Whole-rank experts of MoDE are MoLORA-SD, one expert of either mixture is LoRA: to the bit. */
  @Test
  void identities() {
    Tensor a = Small.random("a", 4, IN);
    Tensor b = Small.random("b", OUT, 12);
    Router router = Router.of(Small.random("router", 3, IN), 3);
    double[] shared =
        new MoLoraSharedDown(base, a, b, router, 0.7).apply(x, Small.PASS).toDoubles();
    assertThat(new MixtureOfDyadicExperts(base, a, b, router, 4, 4, 0.7).apply(x, Small.PASS))
        .satisfies(y -> assertThat(y.toDoubles()).isEqualTo(shared));

    Tensor up = Small.random("up", OUT, 4);
    Router one = Router.of(Small.random("one", 1, IN), 1);
    double[] lora = Lora.of(base, a, up, 0.7).apply(x, Small.PASS).toDoubles();
    for (Adapter mixture :
        new Adapter[] {
          new MoLora(base, a, up, one, 0.7),
          new MoLoraSharedDown(base, a, up, one, 0.7),
          new MixtureOfDyadicExperts(base, a, up, one, 4, 4, 0.7)
        }) {
      assertThat(mixture.apply(x, Small.PASS).toDoubles()).isEqualTo(lora);
      assertThat(mixture.merged().orElseThrow().apply(x, Small.PASS).toDoubles())
          .containsExactly(lora, within(1e-12));
    }
  }

  /** MoLORA whose experts have equal down-projections is MoLORA-SD. */
  @Test
  void moLoraWithEqualDownProjectionsSharesThem() {
    Tensor a = Small.random("a", 2, IN);
    Tensor b = Small.random("b", OUT, 6);
    Router router = Router.of(Small.random("router", 3, IN), 3);
    Tensor repeated = Tensor.cat(List.of(a, a, a), 0);
    assertThat(new MoLora(base, repeated, b, router, 1).apply(x, Small.PASS).toDoubles())
        .containsExactly(
            new MoLoraSharedDown(base, a, b, router, 1).apply(x, Small.PASS).toDoubles(),
            within(1e-12));
    assertThat(new MoLora(base, repeated, b, router, 1).merged()).isEmpty();
    assertThat(new MoLoraSharedDown(base, a, b, router, 1).merged()).isEmpty();
  }

  /** With weights that are the same for every token, the averaged LoRA is the mixture. */
  @Test
  void evenRoutersAverageExactly() {
    Tensor a6 = Small.random("a", 6, IN);
    Tensor a4 = Small.random("a", 4, IN);
    Tensor b6 = Small.random("b", OUT, 6);
    Tensor b12 = Small.random("b", OUT, 12);
    Tensor bias = Small.random("bias", 6);
    Tensor none = Tensor.zeros(DType.FLOAT64, 6, IN);
    Router one = new Router(none.narrow(0, 0, 3), bias.narrow(0, 0, 3), 3, 1, null);
    Router two = new Router(none, bias, 3, 1, null);
    for (Routed mixture :
        new Routed[] {
          new MoLora(base, a6, b6, one, 0.7),
          new MoLoraSharedDown(base, a4, b12, one, 0.7),
          new MixtureOfDyadicExperts(base, a4, b12, two, 4, 2, 0.7)
        }) {
      Tensor weights = mixture.routing(x).select(0, 0);
      Lora lora = mixture.averaged(weights);
      assertThat(lora.apply(x, Small.PASS).toDoubles())
          .containsExactly(mixture.apply(x, Small.PASS).toDoubles(), within(1e-12));
      assertThat(lora.loraB().rank()).isEqualTo(2);
    }
  }

  @Test
  void topKOfAllExpertsIsSoftRouting() {
    Tensor w = Small.random("router", 6, IN);
    double[] soft = Router.of(w, 3).weights(x).toDoubles();
    assertThat(new Router(w, null, 3, 1, 3).weights(x).toDoubles()).isEqualTo(soft);
    double[] hard = new Router(w, null, 3, 1, 1).weights(x).toDoubles();
    assertThat(hard).containsOnly(0, 1);
    assertThat(Arrays.stream(hard).sum()).isEqualTo(ROWS * 2);
    // Equal scores: still k experts, not all that are as good as the k-th.
    double[] even = new Router(w.mul(0), null, 3, 1, 2).weights(x).toDoubles();
    assertThat(even).containsOnly(0, 0.5);
    assertThat(Arrays.stream(even).sum()).isEqualTo(ROWS * 2);
    // A low temperature nears the hard choice.
    assertThat(new Router(w, null, 3, 1e-4, null).weights(x).toDoubles())
        .containsExactly(hard, within(1e-6));
  }

  @Test
  void routersOutOfRangeAreRefused() {
    Tensor w = Small.random("router", 3, IN);
    assertThatThrownBy(() -> new Router(w, null, 3, 1, 4))
        .hasMessage("top-k must be 1 to the number of experts, 3, not 4");
    assertThatThrownBy(() -> new Router(w, null, 3, 0, null))
        .hasMessage("a temperature is above 0, not 0.0");
    assertThatThrownBy(() -> MoLoraConfig.of(3, 2, ANY).withRouter(PLAIN.withTopK(4)))
        .hasMessageContaining("not 4");
    assertThatThrownBy(() -> PLAIN.withInit(-1)).hasMessageContaining("not negative, not -1");
    assertThatThrownBy(() -> MoLoraConfig.of(0, 2, ANY)).hasMessageContaining("not 0, 2 and 1.0");
    assertThat(MoLoraSharedDownConfig.of(3, 2, ANY).withRouter(PLAIN.withInit(0)).warnings())
        .singleElement()
        .asString()
        .contains("never come apart");
  }

  @Test
  void everyMethodHasItsOwnTensors() {
    assertThat(names(MoLoraConfig.of(3, 2, ANY).withRouter(PLAIN.withBias(true))))
        .containsExactlyInAnyOrder("lora_a", "lora_b", "router.weight", "router.bias");
    assertThat(names(MixtureOfDyadicExpertsConfig.of(3, 2, 1, ANY)))
        .containsExactlyInAnyOrder("mode_a", "mode_b", "mode_router.weight");
  }

  private Set<String> names(AdapterConfig config) {
    return Tree.params(config.adapt("", base, new Random()), Adapter.class).asMap().keySet();
  }
}
