package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Equal blocks are written once. */
class MethodsTest {

  private static final int LAYERS = 30;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  record Layer(Tensor norm, Tensor up, Tensor gate, Tensor down) {

    Tensor apply(Tensor x, double scale) {
      Tensor rms = x.pow(2).mean(-1, true).add(1e-6).rsqrt();
      Tensor h = x.mul(rms).mul(norm);
      Tensor y = h.linear(up).mul(h.linear(gate).silu()).linear(down);
      return x.add(y.mul(scale));
    }
  }

  record Net(List<Layer> layers, Tensor x) {}

  private static Tensor reals(Key key, long... shape) {
    long size = 1;
    for (long s : shape) {
      size *= s;
    }
    return Tensor.of(key.random().doubles(size, -0.5, 0.5).toArray(), shape);
  }

  private static Net net() {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      Key k = Key.of(3).fold(i);
      layers.add(
          new Layer(
              reals(k.fold("norm"), 8),
              reals(k.fold("up"), 12, 8),
              reals(k.fold("gate"), 12, 8),
              reals(k.fold("down"), 8, 12)));
    }
    return new Net(layers, reals(Key.of(4), 5, 8));
  }

  private static Tensor run(Net net, boolean equal, boolean saving) {
    Tensor h = net.x();
    for (int i = 0; i < net.layers().size(); i++) {
      Tensor in = h;
      Layer layer = net.layers().get(i);
      double scale = equal ? 0.5 : 0.5 + 1e-9 * i;
      h =
          Kernel.named(
              "layers." + i,
              () ->
                  saving
                      ? Kernel.checkpoint(() -> layer.apply(in, scale))
                      : layer.apply(in, scale));
    }
    return h.pow(2).mean();
  }

  private static Grad<Net> gradients(Net net, boolean equal, boolean saving) {
    return Grad.of(n -> run(n, equal, saving), net);
  }

  @Test
  void layersAreOneMethod() {
    Net net = net();
    try (Kernel<Net, Tensor> equal = Kernel.of(n -> run(n, true, false));
        Kernel<Net, Tensor> different = Kernel.of(n -> run(n, false, false))) {
      String text = equal.program(net);
      assertThat(text).containsOnlyOnce("  def block0(").doesNotContain("block1");
      assertThat(text.split("block0\\(", -1)).hasSize(LAYERS + 2);
      assertThat(different.program(net)).doesNotContain("block0");
      assertThat(text.length()).isLessThan(different.program(net).length() / 4);
      assertThat(equal.call(net).item()).isCloseTo(different.call(net).item(), within(1e-6));
    }
  }

  @Test
  void gradientsFlowThroughMethods() {
    Net net = net();
    for (boolean saving : new boolean[] {false, true}) {
      try (Kernel<Net, Grad<Net>> k = Kernel.of(n -> gradients(n, true, saving))) {
        assertThat(k.program(net)).contains("def block0(");
        Grad<Net> g = k.call(net);
        Grad<Net> eager = gradients(net, true, false);
        assertThat(g.value().item()).isEqualTo(eager.value().item());
        List<Tensor> expected = new ArrayList<>(Tree.leaves(eager.grads()).values());
        List<Tensor> actual = new ArrayList<>(Tree.leaves(g.grads()).values());
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i).toDoubles())
              .containsExactly(expected.get(i).toDoubles(), within(1e-12));
        }
      }
    }
  }

  @Test
  void errorsInsideAMethodTellTheirOwnLayer() {
    Function<List<Tensor>, Tensor> f =
        in -> {
          Tensor sum = Tensor.zeros(DType.FLOAT64, 3);
          for (int i = 1; i < in.size(); i++) {
            Tensor ids = in.get(i);
            Tensor now = sum;
            sum =
                Kernel.named(
                    "tables." + (i - 1),
                    () -> {
                      Tensor rows = in.get(0).embedding(ids);
                      return now.add(rows.sum(0, false).exp().neg().exp());
                    });
          }
          return sum;
        };
    try (Kernel<List<Tensor>, Tensor> k = Kernel.of(f)) {
      for (int bad = 0; bad < 6; bad++) {
        List<Tensor> in = new ArrayList<>();
        in.add(reals(Key.of(1), 4, 3));
        for (int i = 0; i < 6; i++) {
          in.add(Tensor.of(new long[] {i == bad ? 9 : 1, 2}));
        }
        assertThat(k.program(in)).contains("def block0(");
        assertThatThrownBy(() -> k.call(in))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("tables." + bad + ", at MethodsTest.java:")
            .hasMessageContaining("index out of range");
      }
    }
  }

  @Test
  void blocksMayHaveLoopsAndManyResults() {
    Function<Tensor, List<Tensor>> f =
        x -> {
          Tensor a = x;
          Tensor b = x.mul(2);
          for (int i = 0; i < 5; i++) {
            Tensor from = a;
            Tensor rows = Kernel.cat(x.size(0), 0, r -> from.narrow(0, r, Dim.of(1)).tanh().add(1));
            Tensor sorted = rows.sort(0, true).values();
            a = sorted.add(b.mul(0.1));
            b = b.sub(rows.mean(0, true));
          }
          return List.of(a, b);
        };
    Tensor x = reals(Key.of(5), 4, 3);
    try (Kernel<Tensor, List<Tensor>> k = Kernel.of(f);
        Kernel<Tensor, List<Tensor>> eager = Kernel.eager(f)) {
      assertThat(k.program(x)).contains("-> Tuple[Tensor, Tensor]:");
      for (int i = 0; i < 2; i++) {
        assertThat(k.call(x).get(i).toDoubles())
            .containsExactly(eager.call(x).get(i).toDoubles(), within(1e-14));
      }
    }
  }

  @Test
  void blocksInsideLoopsMayUseTheIndex() {
    Function<Tensor, Tensor> f =
        x ->
            Kernel.loop(
                x.size(0),
                x,
                (i, h) -> {
                  Tensor y = h;
                  for (int layer = 0; layer < 4; layer++) {
                    y = y.add(h.select(0, i).mul(0.1)).tanh().add(Tensor.of(i)).sin();
                  }
                  return y;
                });
    Tensor x = reals(Key.of(6), 3, 2);
    try (Kernel<Tensor, Tensor> k = Kernel.of(f);
        Kernel<Tensor, Tensor> eager = Kernel.eager(f)) {
      assertThat(k.program(x)).contains("j0: int");
      assertThat(k.call(x).toDoubles()).containsExactly(eager.call(x).toDoubles(), within(1e-14));
    }
  }

  record LowRank(Tensor x, Tensor w, Tensor a, Tensor b) {

    Tensor apply() {
      return x.linear(w).add(x.linear(a).linear(b).mul(2.5)).tanh().sum();
    }
  }

  @Test
  void lowRankSumsAreAddedInPlace() {
    LowRank m =
        new LowRank(
            reals(Key.of(1), 5, 6),
            reals(Key.of(2), 4, 6),
            reals(Key.of(3), 2, 6),
            reals(Key.of(4), 4, 2));
    try (Kernel<LowRank, Grad<LowRank>> k = Kernel.of(n -> Grad.of(LowRank::apply, n))) {
      assertThat(k.program(m)).containsOnlyOnce("torch.addmm_(");
      Grad<LowRank> g = k.call(m);
      Grad<LowRank> eager = Grad.of(LowRank::apply, m);
      assertThat(g.value().item()).isCloseTo(eager.value().item(), within(1e-13));
      List<Tensor> expected = new ArrayList<>(Tree.leaves(eager.grads()).values());
      List<Tensor> actual = new ArrayList<>(Tree.leaves(g.grads()).values());
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i).toDoubles())
            .containsExactly(expected.get(i).toDoubles(), within(1e-13));
      }
    }
  }

  @Test
  void whatIsNeededElsewhereIsNotWrittenOver() {
    Tensor x = reals(Key.of(1), 4, 4);
    List<Function<Tensor, Tensor>> others =
        List.of(
            t -> {
              Tensor y = t.matmul(t);
              return y.add(t.linear(t)).add(y);
            },
            t -> t.add(t.linear(t)),
            t -> t.matmul(t).exp().add(t.linear(t)),
            t -> t.matmul(t).add(t.linear(t, t.select(0, 0))).add(t.copy().write(0, Dim.of(0), t)));
    for (Function<Tensor, Tensor> f : others) {
      try (Kernel<Tensor, Tensor> k = Kernel.of(f);
          Kernel<Tensor, Tensor> eager = Kernel.eager(f)) {
        assertThat(k.program(x)).doesNotContain("addmm_");
        assertThat(k.call(x).toDoubles()).containsExactly(eager.call(x).toDoubles());
      }
    }
  }
}
