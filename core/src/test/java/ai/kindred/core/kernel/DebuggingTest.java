package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DebuggingTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor softmaxByHand(Tensor x) {
    return Kernel.named(
        "head",
        () -> {
          Tensor e = Kernel.named("scores", x::exp);
          return e.div(e.sum(-1, true));
        });
  }

  @Test
  void anEagerKernelRunsItsFunctionAtEveryCall() {
    int[] runs = {0};
    Tensor x = Tensor.of(new double[] {1, 2});
    try (Kernel<Tensor, Tensor> k =
        Kernel.eager(
            t -> {
              runs[0]++;
              // Values are there to look at.
              assertThat(t.exp().toDoubles()[0]).isEqualTo(Math.E);
              return t.exp().add(1);
            })) {
      k.call(x);
      Tensor y = k.call(x);
      assertThat(y.toDoubles()).containsExactly(Math.E + 1, Math.exp(2) + 1);
    }
    assertThat(runs[0]).isEqualTo(2);
    assertThat(scope.size()).isEqualTo(3);
  }

  @Test
  void theFirstInfinityIsNamed() {
    Tensor large = Tensor.of(new float[] {1, 100});
    try (Kernel<Tensor, Tensor> plain = Kernel.of(DebuggingTest::softmaxByHand);
        Kernel<Tensor, Tensor> checked = Kernel.finite(DebuggingTest::softmaxByHand)) {
      assertThat(plain.call(large).toFloats()[1]).isNaN();
      assertThatThrownBy(() -> checked.call(large))
          .isInstanceOf(KernelException.class)
          .hasMessageMatching(
              "torch.exp made the first infinity \\(head.scores, at DebuggingTest.java:\\d+.*");
      Tensor small = Tensor.of(new float[] {1, 2});
      assertThat(checked.call(small).toFloats()).containsExactly(plain.call(small).toFloats());
    }
  }

  @Test
  void theFirstNanIsNamed() {
    try (Kernel<Tensor, Tensor> k = Kernel.finite(x -> x.mul(-1).sqrt().add(1))) {
      assertThatThrownBy(() -> k.call(Tensor.of(new float[] {1})))
          .hasMessageStartingWith("torch.sqrt made the first NaN (at DebuggingTest.java:");
    }
  }

  @Test
  void infinityThatIsWrittenIsNoMistake() {
    try (Kernel<Tensor, Tensor> k =
        Kernel.finite(
            x ->
                x.maskedFill(x.gt(1), Double.NEGATIVE_INFINITY)
                    .softmax(0)
                    .add(Tensor.full(Double.POSITIVE_INFINITY, DType.FLOAT32).reciprocal()))) {
      assertThat(k.call(Tensor.of(new float[] {1, 1, 2})).toFloats())
          .containsExactly(0.5f, 0.5f, 0);
    }
  }

  @Test
  void aRowThatMasksEverythingIsFound() {
    try (Kernel<Tensor, Tensor> k =
        Kernel.finite(x -> x.maskedFill(x.gt(0), Double.NEGATIVE_INFINITY).softmax(0))) {
      assertThatThrownBy(() -> k.call(Tensor.of(new float[] {1, 1})))
          .hasMessageStartingWith("torch.softmax made the first NaN");
    }
  }

  @Test
  void gradientsAreCheckedToo() {
    try (Kernel<Tensor, Grad<Tensor>> k =
        Kernel.finite(x -> Kernel.named("loss", () -> Grad.of(p -> p.sqrt().sum(), x)))) {
      assertThatThrownBy(() -> k.call(Tensor.of(new double[] {0, 1})))
          .hasMessageStartingWith(
              "torch.autograd.grad made the first infinity (loss, at DebuggingTest.java:");
    }
  }

  @Test
  void nanInAnArgumentIsTheArguments() {
    try (Kernel<Map<String, List<Tensor>>, Tensor> k =
        Kernel.finite(m -> m.values().iterator().next().get(0))) {
      assertThatThrownBy(() -> k.call(Map.of("x", List.of(Tensor.of(new float[] {Float.NaN})))))
          .isInstanceOf(KernelException.class)
          .hasMessage("the argument x.0 has NaN");
    }
  }
}
