package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loops, lanes, gradients and checkpoints inside one another. */
class KernelStructureTest {

  private int before;
  private Scope scope = Scope.open();

  @BeforeEach
  void open() {
    scope.close();
    before = Scope.live();
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertThat(Scope.live()).isEqualTo(before);
    scope = Scope.open();
  }

  private static Tensor reals(int seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(Key.of(seed).random().doubles(size, -1, 1).toArray(), shape);
  }

  /** The result on three lanes, the result on each lane alone, compiled and eagerly. */
  private static void assertLanesAreAlone(
      Function<List<Tensor>, Tensor> f, List<Tensor> stacked, double tolerance) {
    try (Kernel<List<Tensor>, Tensor> together = Kernel.stacked(f);
        Kernel<List<Tensor>, Tensor> alone = Kernel.of(f);
        Kernel<List<Tensor>, Tensor> eager = Kernel.eager(f)) {
      Tensor all = together.call(stacked);
      for (long lane = 0; lane < stacked.get(0).lengths()[0]; lane++) {
        long at = lane;
        List<Tensor> own = stacked.stream().map(t -> t.select(0, at)).toList();
        Tensor one = alone.call(own);
        assertThat(one.toDoubles()).containsExactly(eager.call(own).toDoubles(), within(tolerance));
        assertThat(all.select(0, lane).lengths()).containsExactly(one.lengths());
        assertThat(all.select(0, lane).toDoubles())
            .containsExactly(one.toDoubles(), within(tolerance));
      }
    }
  }

  @Test
  void loopsRunOnLanes() {
    assertLanesAreAlone(
        x -> Kernel.loop(Dim.of(4), x.get(0), (i, h) -> h.linear(x.get(1)).tanh()),
        List.of(reals(1, 3, 2, 5), reals(2, 3, 5, 5)),
        1e-14);
  }

  @Test
  void aCarryThatStartsSharedBecomesStacked() {
    assertLanesAreAlone(
        x ->
            Kernel.loop(
                x.get(0).size(0),
                Tensor.zeros(DType.FLOAT64, 2),
                (i, sum) -> sum.add(x.get(0).select(0, i))),
        List.of(reals(1, 3, 4, 2)),
        1e-14);
  }

  @Test
  void piecesAreJoinedOnLanes() {
    assertLanesAreAlone(
        x -> Kernel.cat(x.get(0).size(0), 0, i -> x.get(0).narrow(0, i, Dim.of(1)).mul(2)),
        List.of(reals(1, 3, 4, 2)),
        0);
  }

  @Test
  void writesInLoopsOnLanesGoToMemoryOfTheLane() {
    assertLanesAreAlone(
        x ->
            Kernel.loop(
                x.get(0).size(0),
                Tensor.zeros(DType.FLOAT64, 4, 2),
                (i, cache) -> cache.write(0, i, x.get(0).narrow(0, i, Dim.of(1)).mul(3))),
        List.of(reals(1, 3, 4, 2)),
        0);
  }

  @Test
  void aTensorThatLanesShareIsNotWrittenOver() {
    Tensor shared = Tensor.zeros(DType.FLOAT64, 4);
    try (Kernel<Tensor, Tensor> k = Kernel.stacked(x -> shared.write(0, Dim.of(0), x))) {
      assertThatThrownBy(() -> k.call(reals(1, 3, 2)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("all lanes share")
          .hasMessageContaining("KernelStructureTest.java");
    }
  }

  @Test
  void trainingLoopsRunOnLanes() {
    Tensor x = reals(3, 6, 2);
    Tensor y = reals(4, 6, 1);
    assertLanesAreAlone(
        w ->
            Kernel.loop(
                Dim.of(5),
                w.get(0),
                (i, now) -> {
                  Grad<Tensor> g =
                      Grad.of(p -> x.linear(p).sub(y).mul(w.get(1)).pow(2).mean(), now);
                  return now.sub(g.grads().mul(0.1));
                }),
        List.of(reals(1, 3, 1, 2), reals(2, 3)),
        1e-14);
  }

  @Test
  void gradientsOfLoopsWithCheckpointsRunOnLanes() {
    Function<List<Tensor>, Tensor> f =
        in ->
            Grad.of(
                    w -> {
                      Tensor h =
                          Kernel.loop(
                              Dim.of(3),
                              in.get(1),
                              (i, c) -> Kernel.checkpoint(() -> c.linear(w).tanh()));
                      Tensor deep = Kernel.checkpoint(() -> h.linear(w).sin());
                      return deep.mul(h).sum();
                    },
                    in.get(0))
                .grads();
    assertLanesAreAlone(f, List.of(reals(1, 3, 4, 4), reals(2, 3, 2, 4)), 1e-13);
  }

  @Test
  void checkpointsAroundConstantsAndLoopsKeepGradients() {
    Function<Boolean, Function<Tensor, Tensor>> loss =
        saving ->
            w -> {
              Tensor a = part(saving, () -> Tensor.full(2, DType.FLOAT64, w.size(0)));
              Tensor b = part(saving, () -> w.mul(a));
              Tensor c = part(saving, () -> b.detach().add(1));
              Tensor d = part(saving, () -> Kernel.loop(Dim.of(3), b, (i, h) -> h.mul(w).add(c)));
              return part(saving, () -> d.mul(c).sum());
            };
    Tensor w = reals(5, 4);
    try (Kernel<Tensor, Grad<Tensor>> plain = Kernel.of(v -> Grad.of(loss.apply(false), v));
        Kernel<Tensor, Grad<Tensor>> saving = Kernel.of(v -> Grad.of(loss.apply(true), v))) {
      Grad<Tensor> g = saving.call(w);
      assertThat(g.value().item()).isEqualTo(plain.call(w).value().item());
      assertThat(g.grads().toDoubles())
          .containsExactly(plain.call(w).grads().toDoubles(), within(1e-14));
    }
  }

  private static Tensor part(boolean saving, Supplier<Tensor> body) {
    return saving ? Kernel.checkpoint(body) : body.get();
  }

  @Test
  void aCheckpointMayNotWriteOverWhatItWasGiven() {
    try (Kernel<Tensor, Grad<Tensor>> k =
        Kernel.of(
            v ->
                Grad.of(
                    w -> {
                      Tensor y = w.mul(2);
                      return Kernel.checkpoint(() -> y.addmm(w, w, 1)).sum();
                    },
                    v))) {
      assertThatThrownBy(() -> k.call(reals(1, 2, 2)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("outside its checkpoint")
          .hasMessageContaining("KernelStructureTest.java");
    }
  }

  @Test
  void aValueWithoutAGradientIsNamed() {
    try (Kernel<Tensor, Grad<Tensor>> k = Kernel.of(v -> Grad.of(w -> w.detach().sum(), v))) {
      assertThatThrownBy(() -> k.call(reals(1, 2)))
          .hasMessageContaining("does not depend on anything");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3})
  void aLoopMayHaveNoTurns(long turns) {
    Function<List<Tensor>, List<Tensor>> f =
        x -> {
          Dim n = x.get(1).size(0);
          Tensor rows = Kernel.cat(n, 0, i -> x.get(0).mul(2).unsqueeze(0));
          Tensor columns = Kernel.cat(n, -1, i -> x.get(0).unsqueeze(-1));
          Tensor carry = Kernel.loop(n, x.get(0), (i, c) -> c.add(1));
          return List.of(rows, columns, carry);
        };
    List<Tensor> in = List.of(reals(1, 2), Tensor.zeros(DType.INT64, turns));
    try (Kernel<List<Tensor>, List<Tensor>> k = Kernel.of(f);
        Kernel<List<Tensor>, List<Tensor>> eager = Kernel.eager(f)) {
      List<Tensor> y = k.call(in);
      assertThat(y.get(0).lengths()).containsExactly(turns, 2);
      assertThat(y.get(1).lengths()).containsExactly(2, turns);
      assertThat(y.get(2).toDoubles()).containsExactly(in.get(0).add((double) turns).toDoubles());
      for (int i = 0; i < 3; i++) {
        assertThat(eager.call(in).get(i).toDoubles()).containsExactly(y.get(i).toDoubles());
        assertThat(eager.call(in).get(i).lengths()).containsExactly(y.get(i).lengths());
        assertThat(eager.call(in).get(i).dtype()).isEqualTo(y.get(i).dtype());
      }
    }
  }

  @Test
  void gradientsFlowThroughJoinedPieces() {
    try (Kernel<Tensor, Grad<Tensor>> k =
        Kernel.of(
            v ->
                Grad.of(
                    x -> Kernel.cat(x.size(0), 0, i -> x.narrow(0, i, Dim.of(1)).pow(2)).sum(),
                    v))) {
      assertThat(k.call(Tensor.of(new double[] {1, 2, 3})).grads().toDoubles())
          .containsExactly(2, 4, 6);
    }
  }

  @Test
  void tensorsMayBeEmpty() {
    Function<Tensor, List<Tensor>> f =
        x ->
            List.of(
                x.reshape(-1, 3).sum(),
                x.reshape(-1, 3).linear(Tensor.ones(DType.FLOAT64, 2, 3)),
                Tensor.cat(List.of(x, x), 0).softmax(0),
                x.indexSelect(0, Tensor.arange(x.size(0))),
                x.narrow(0, 0, 0).add(1));
    try (Kernel<Tensor, List<Tensor>> k = Kernel.of(f);
        Kernel<Tensor, List<Tensor>> eager = Kernel.eager(f)) {
      List<Tensor> y = k.call(Tensor.of(new double[0]));
      assertThat(y.get(0).item()).isZero();
      assertThat(y.get(1).lengths()).containsExactly(0, 2);
      assertThat(y.get(2).lengths()).containsExactly(0);
      List<Tensor> now = eager.call(Tensor.of(new double[0]));
      for (int i = 0; i < y.size(); i++) {
        assertThat(now.get(i).lengths()).containsExactly(y.get(i).lengths());
      }
    }
  }

  @Test
  void lengthsThatAgreeOnlyTodayAreHeldToIt() {
    Function<List<Tensor>, Tensor> f =
        in -> {
          Tensor sum = in.get(0).add(in.get(1));
          return sum.reshape(sum.size(0), Dim.of(1)).mul(Tensor.arange(sum.size(0)));
        };
    try (Kernel<List<Tensor>, Tensor> k = Kernel.of(f)) {
      assertThat(k.call(List.of(reals(1, 3), reals(2, 3))).lengths()).containsExactly(3, 3);
      assertThat(k.call(List.of(reals(1, 1), reals(2, 4))).lengths()).containsExactly(4, 4);
      assertThat(k.call(List.of(reals(1, 2), reals(2, 1))).lengths()).containsExactly(2, 2);
      assertThat(k.call(List.of(reals(1, 5), reals(2, 5))).lengths()).containsExactly(5, 5);
    }
  }

  @Test
  void aSqueezedLengthIsBakedIn() {
    try (Kernel<Tensor, Tensor> k = Kernel.of(x -> x.squeeze(0))) {
      assertThat(k.call(reals(1, 1, 2)).lengths()).containsExactly(2);
      assertThatThrownBy(() -> k.call(reals(1, 3, 2)))
          .hasMessageContaining("the length of a squeezed axis: 3 is not 1");
    }
  }

  @Test
  void lanesMustBeEquallyMany() {
    try (Kernel<List<Tensor>, Tensor> k = Kernel.stacked(in -> in.get(0).add(in.get(1)))) {
      assertThat(k.call(List.of(reals(1, 3, 2), reals(2, 3, 2))).lengths()).containsExactly(3, 2);
      assertThatThrownBy(() -> k.call(List.of(reals(1, 3, 2), reals(2, 1, 2))))
          .hasMessageContaining("lanes of stacked arguments");
      assertThatThrownBy(() -> k.call(List.of(Tensor.scalar(1, DType.FLOAT64), reals(2, 1, 2))))
          .hasMessageContaining("without axes has no lanes");
    }
  }

  @Test
  void aNumberReadFromALaneIsNamed() {
    try (Kernel<List<Tensor>, Tensor> k =
        Kernel.stacked(in -> in.get(0).narrow(0, Dim.of(0), in.get(1).toDim()))) {
      assertThatThrownBy(() -> k.call(List.of(reals(1, 2, 3), Tensor.of(new long[] {1, 2}, 2, 1))))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("differs from lane to lane")
          .hasMessageContaining("KernelStructureTest.java");
    }
  }

  @Test
  void aLoopsIndexIsNoLong() {
    try (Kernel<Tensor, Tensor> k =
        Kernel.of(x -> Kernel.loop(Dim.of(3), x, (i, c) -> c.add((double) i.value())))) {
      assertThatThrownBy(() -> k.call(reals(1, 2)))
          .hasMessageContaining("known only when the kernel runs");
    }
  }

  @Test
  void aCarryKeepsItsShape() {
    try (Kernel<Tensor, Tensor> k =
        Kernel.of(x -> Kernel.loop(Dim.of(3), x, (i, c) -> Tensor.cat(List.of(c, c), 0)))) {
      assertThatThrownBy(() -> k.call(reals(1, 2)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("must keep its type and shape");
    }
  }

  @Test
  void errorsTellThePathOfNestedParts() {
    Function<Tensor, Tensor> model =
        x ->
            Kernel.named(
                "model",
                () -> Kernel.named("layers.0", () -> x.matmul(Tensor.ones(DType.FLOAT64, 7, 2))));
    try (Kernel<Tensor, Tensor> compiled = Kernel.of(model);
        Kernel<Tensor, Tensor> eager = Kernel.eager(model)) {
      for (Kernel<Tensor, Tensor> k : List.of(compiled, eager)) {
        assertThatThrownBy(() -> k.call(reals(1, 2, 3)))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("model.layers.0, at KernelStructureTest.java:");
      }
    }
  }

  @Test
  void runTimeErrorsTellThePathInsideGradientsLoopsAndLanes() {
    Tensor ids = Tensor.of(new long[] {9});
    Function<Tensor, Tensor> lookup =
        table ->
            Kernel.loop(
                Dim.of(2),
                Tensor.scalar(0, DType.FLOAT64),
                (i, sum) -> Kernel.named("rows", () -> sum.add(table.embedding(ids).sum())));
    try (Kernel<Tensor, Tensor> k =
        Kernel.stacked(t -> Kernel.named("net", () -> Grad.of(lookup, t).grads()))) {
      assertThatThrownBy(() -> k.call(reals(1, 2, 3, 2)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("net.rows, at KernelStructureTest.java:")
          .hasMessageContaining("out of bounds");
    }
  }
}
