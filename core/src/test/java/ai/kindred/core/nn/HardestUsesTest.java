package ai.kindred.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The uses that the foundation was shaped by, each as its method module would write it. */
class HardestUsesTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  /** A mixture of dyadic experts: {@code y += sum_ik R_k^i(x) x A_k (B_k^i)^T}. */
  record Dyadic(Linear base, Tensor a, Tensor b, Tensor router, int m, int r, int p)
      implements Adapter {
    @Override
    public Tensor delta(Tensor x, Pass pass) {
      Tensor h = x.linear(a).reshape(-1, r / p, 1, p);
      Tensor g = x.linear(router).reshape(-1, r / p, m).softmax(-1).unsqueeze(-1);
      return h.mul(g).reshape(-1, (long) m * r).linear(b);
    }
  }

  /**
   * A client's training: steps of gradient descent, each gradient corrected by the server's rule.
   */
  record LocalSgd(double rate) {
    Params run(Params x, Tensor xs, Tensor ys, UnaryOperator<Params> correct) {
      return Kernel.loop(
          xs.size(0),
          x,
          (i, w) -> {
            Tensor in = xs.select(0, i);
            Tensor out = ys.select(0, i);
            Grad<Params> g =
                Grad.of(
                    p -> in.linear(p.get("w")).tanh().linear(p.get("v")).sub(out).pow(2).mean(), w);
            return w.sub(correct.apply(g.grads()).mul(rate));
          });
    }
  }

  /**
   * 8-bit weights of at most 6 bits and sign, whose bit 6 holds something else: the sign is put
   * back where they are used.
   */
  record Restored(Tensor weight, Tensor scale) implements Linear {
    @Override
    public Tensor apply(Tensor x, Pass pass) {
      Tensor low = weight.remainder(64);
      Tensor restored = low.sub(weight.lt(0).to(DType.INT8).mul(64));
      return x.linear(restored.to(x.dtype()).mul(scale.unsqueeze(1)));
    }

    @Override
    public long in() {
      return weight.size(1).value();
    }

    @Override
    public long out() {
      return weight.size(0).value();
    }
  }

  private static final Pass PLAIN =
      new Pass(
          Tensor.of(new long[] {0}),
          Tensor.of(new long[] {0}),
          (l, q, k, v, s) -> q,
          List.of(),
          false,
          false,
          null);

  private static Tensor random(String name, long... shape) {
    return Tensor.randn(
        Tensor.of(Key.of(5).fold(name)),
        DType.FLOAT64,
        Arrays.stream(shape).mapToObj(Dim::of).toArray(Dim[]::new));
  }

  @Test
  void aMixtureOfDyadicExpertsWithEqualExpertsIsLowRank() {
    Dense base = new Dense(random("w", 5, 6), null);
    Tensor b = random("b", 5, 4);
    Dyadic mixture =
        new Dyadic(
            base,
            random("a", 4, 6),
            Tensor.stack(List.of(half(b, 0), half(b, 0), half(b, 1), half(b, 1)), 1).reshape(5, 8),
            random("r", 4, 6),
            2,
            4,
            2);
    Tensor x = random("x", 3, 6);
    Tensor expected = x.linear(base.weight()).add(x.linear(mixture.a()).linear(b));
    assertThat(Kernel.<Tensor, Tensor>of(t -> mixture.apply(t, PLAIN)).call(x).toDoubles())
        .containsExactly(expected.toDoubles(), within(1e-12));
    assertThat(Tree.params(mixture, Adapter.class).asMap().keySet())
        .containsExactly("a", "b", "router");
  }

  private static Tensor half(Tensor b, int which) {
    return b.narrow(1, which * 2L, 2);
  }

  record Client(Params x, Tensor xs, Tensor ys) {}

  @Test
  void manyClientsAreOneCallAndEachIsItselfAlone() {
    LocalSgd local = new LocalSgd(0.1);
    Params x = new Params(Map.of("w", random("w", 3, 4), "v", random("v", 1, 3)));
    Params all = x.map(t -> Tensor.stack(List.of(t, t, t), 0));
    Tensor xs = random("xs", 3, 5, 2, 4);
    Tensor ys = random("ys", 3, 5, 2, 1);
    UnaryOperator<Params> clipped = g -> g.map(t -> t.clamp(-0.5, 0.5));
    Params stacked =
        Kernel.<Client, Params>stacked(c -> local.run(c.x(), c.xs(), c.ys(), clipped))
            .call(new Client(all, xs, ys));
    Kernel<Client, Params> alone = Kernel.of(c -> local.run(c.x(), c.xs(), c.ys(), clipped));
    for (int i = 0; i < 3; i++) {
      Params one = alone.call(new Client(x, xs.select(0, i), ys.select(0, i)));
      for (String name : List.of("w", "v")) {
        assertThat(stacked.get(name).select(0, i).toDoubles())
            .containsExactly(one.get(name).toDoubles(), within(1e-12));
        assertThat(one.get(name).toDoubles()).isNotEqualTo(x.get(name).toDoubles());
      }
    }
  }

  @Test
  void weightsWithAForeignBitMultiplyAsThoughItWereTheSign() {
    Tensor small = Tensor.of(new long[] {-64, -1, 0, 63, 5, -33}, 2, 3).to(DType.INT8);
    Tensor flipped =
        small.bitwiseXor(Tensor.of(new long[] {64, 0, 64, 64, 0, 64}, 2, 3).to(DType.INT8));
    Tensor scale = Tensor.of(new double[] {0.5, 2});
    Tensor x = random("x", 4, 3);
    Tensor expected = x.linear(small.to(DType.FLOAT64).mul(scale.unsqueeze(1)));
    Linear restored = new Restored(flipped, scale);
    assertThat(Kernel.<Tensor, Tensor>of(t -> restored.apply(t, PLAIN)).call(x).toDoubles())
        .containsExactly(expected.toDoubles(), within(1e-12));
  }
}
