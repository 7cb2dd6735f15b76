package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelTest {

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

  @Test
  void aKernelComputesWhatItsFunctionSays() {
    try (Kernel<Tensor, Tensor> softplus = Kernel.of(x -> x.exp().add(1).log())) {
      Tensor y = softplus.call(Tensor.of(new float[] {0, 1}));
      assertThat(y.toFloats()).containsExactly(new float[] {0.6931472f, 1.3132616f}, within(1e-6f));
    }
  }

  @Test
  void oneProgramServesEveryLength() {
    try (Kernel<Tensor, Tensor> doubled = Kernel.of(x -> x.reshape(x.size(1), x.size(0)).mul(2))) {
      Tensor a = Tensor.ones(DType.FLOAT32, 2, 3);
      Tensor b = Tensor.ones(DType.FLOAT32, 4, 5);
      assertThat(doubled.program(a)).isEqualTo(doubled.program(b));
      assertThat(doubled.call(b).lengths()).containsExactly(5, 4);
    }
  }

  @Test
  void aLengthTakenAsALongIsBakedIn() {
    try (Kernel<Tensor, Tensor> mean = Kernel.of(x -> x.sum().div((double) x.size(0).value()))) {
      assertThat(mean.call(Tensor.of(new float[] {1, 3})).item()).isEqualTo(2);
      assertThat(mean.call(Tensor.of(new float[] {1, 3, 5})).item()).isEqualTo(3);
    }
  }

  @Test
  void gradientsOfASquare() {
    Tensor x = Tensor.of(new double[] {1, 2, 3});
    try (Kernel<Tensor, Grad<Tensor>> k = Kernel.of(v -> Grad.of(p -> p.mul(p).sum(), v))) {
      Grad<Tensor> g = k.call(x);
      assertThat(g.value().item()).isEqualTo(14);
      assertThat(g.grads().toDoubles()).containsExactly(2, 4, 6);
    }
    assertThat(Grad.of(p -> p.mul(p).sum(), x).grads().toDoubles()).containsExactly(2, 4, 6);
  }

  record Pair(Tensor w, Tensor x) {}

  @Test
  void trainingInALoopIsOneCall() {
    Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 4, 1);
    Tensor y = x.mul(3);
    try (Kernel<Pair, Tensor> train =
        Kernel.of(
            in ->
                Kernel.loop(
                    Dim.of(200),
                    in.w(),
                    (i, w) -> {
                      Grad<Tensor> g = Grad.of(p -> in.x().linear(p).sub(y).pow(2).mean(), w);
                      return w.sub(g.grads().mul(0.05));
                    }))) {
      assertThat(train.call(new Pair(Tensor.zeros(DType.FLOAT64, 1, 1), x)).item())
          .isCloseTo(3, within(1e-9));
    }
  }

  @Test
  void checkpointsChangeMemoryNotGradients() {
    Tensor w = Tensor.of(new double[] {0.3, -0.2, 0.5, 0.1}, 2, 2);
    Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
    try (Kernel<Pair, Grad<Tensor>> plain =
            Kernel.of(in -> Grad.of(p -> deep(p, in.x(), false), in.w()));
        Kernel<Pair, Grad<Tensor>> saving =
            Kernel.of(in -> Grad.of(p -> deep(p, in.x(), true), in.w()))) {
      Grad<Tensor> a = plain.call(new Pair(w, x));
      Grad<Tensor> b = saving.call(new Pair(w, x));
      assertThat(b.value().item()).isEqualTo(a.value().item());
      assertThat(b.grads().toDoubles()).containsExactly(a.grads().toDoubles(), within(1e-12));
      assertThat(saving.program(new Pair(w, x)))
          .contains("torch.autograd.grad")
          .isNotEqualTo(plain.program(new Pair(w, x)));
    }
  }

  private static Tensor deep(Tensor w, Tensor x, boolean checkpoint) {
    Tensor h = x;
    for (int i = 0; i < 3; i++) {
      Tensor in = h;
      h = checkpoint ? Kernel.checkpoint(() -> in.linear(w).tanh()) : in.linear(w).tanh();
    }
    return h.sum();
  }

  @Test
  void stackedLanesAreEachTheFunctionAlone() {
    Tensor w = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 1, 2);
    Tensor x = Tensor.of(new double[] {1, 1, 2, 2, 0, 1}, 3, 1, 2);
    try (Kernel<Pair, Tensor> k =
        Kernel.stacked(in -> Grad.of(p -> in.x().linear(p).pow(2).sum(), in.w()).grads())) {
      Tensor g = k.call(new Pair(w, x));
      for (int lane = 0; lane < 3; lane++) {
        int i = lane;
        Tensor one = Grad.of(p -> x.select(0, i).linear(p).pow(2).sum(), w.select(0, i)).grads();
        assertThat(g.select(0, lane).toDoubles()).containsExactly(one.toDoubles());
      }
    }
  }

  @Test
  void pieceLengthsMayComeFromATensor() {
    Tensor starts = Tensor.of(new long[] {0, 2, 5});
    try (Kernel<Pair, Tensor> k =
        Kernel.of(
            in ->
                Kernel.cat(
                    in.w().size(0).minus(1),
                    0,
                    i -> {
                      Dim from = in.w().select(0, i).toDim();
                      Dim to = in.w().select(0, i.plus(1)).toDim();
                      return in.x().narrow(0, from, to.minus(from)).softmax(0);
                    }))) {
      float[] y = k.call(new Pair(starts, Tensor.ones(DType.FLOAT32, 5))).toFloats();
      assertThat(y)
          .containsExactly(
              new float[] {0.5f, 0.5f, 0.3333333f, 0.3333333f, 0.3333333f}, within(1e-6f));
    }
  }

  @Test
  void errorsNameTheJavaLine() {
    try (Kernel<List<Tensor>, Tensor> k = Kernel.of(in -> in.get(0).matmul(in.get(1)))) {
      List<Tensor> bad =
          List.of(Tensor.ones(DType.FLOAT32, 2, 3), Tensor.ones(DType.FLOAT32, 2, 3));
      assertThatThrownBy(() -> k.call(bad))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("cannot be multiplied")
          .hasMessageContaining("KernelTest.java:");
    }
  }

  @Test
  void errorsAtRunTimeNameTheJavaLineToo() {
    try (Kernel<List<Tensor>, Tensor> k = Kernel.of(in -> in.get(0).embedding(in.get(1)))) {
      List<Tensor> bad = List.of(Tensor.ones(DType.FLOAT32, 2, 3), Tensor.of(new long[] {7}));
      assertThatThrownBy(() -> k.call(bad))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("KernelTest.java:")
          .hasMessageContaining("index out of range");
    }
  }

  @Test
  void randomNumbersComeFromTheirKey() {
    Tensor key = Tensor.of(Key.of(7));
    Tensor a = Tensor.randn(key, DType.FLOAT32, Dim.of(4));
    assertThat(Tensor.randn(key, DType.FLOAT32, Dim.of(4)).toFloats())
        .containsExactly(a.toFloats());
    assertThat(Tensor.randn(Tensor.of(Key.of(8)), DType.FLOAT32, Dim.of(4)).toFloats())
        .isNotEqualTo(a.toFloats());
  }

  @Test
  void bfloat16NeverLeavesButItsBytesDo() {
    Tensor x = Tensor.of(new float[] {1, -2.5f}).to(DType.BFLOAT16);
    assertThat(x.toFloats()).containsExactly(1, -2.5f);
    assertThat(x.toBytes().remaining()).isEqualTo(4);
    assertThat(Tensor.of(x.toBytes(), DType.BFLOAT16, 2).toFloats()).containsExactly(1, -2.5f);
    assertThat(x.toString()).contains("-2.5");
  }
}
