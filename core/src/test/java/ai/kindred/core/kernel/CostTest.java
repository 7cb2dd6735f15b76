package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Floating-point operations of kernels, counted by hand. */
class CostTest {

  private record Layer(Tensor x, Tensor w, Tensor bias) {}

  /** Multiply and add of [8, 32] by [16, 32] transposed. */
  private static final double PRODUCT = 2.0 * 8 * 16 * 32;

  private static final double SUM = 8 * 16;

  private final Scope scope = Scope.open();
  private final Layer layer =
      new Layer(
          Tensor.zeros(DType.FLOAT32, 8, 32),
          Tensor.zeros(DType.FLOAT32, 16, 32),
          Tensor.zeros(DType.FLOAT32, 16));

  @AfterEach
  void close() {
    scope.close();
  }

  private double flops(Function<Layer, Tensor> f) {
    try (Kernel<Layer, Tensor> kernel = Kernel.of(f)) {
      return kernel.flops(layer);
    }
  }

  private static Tensor loss(Tensor x, Tensor w, Tensor bias) {
    return x.linear(w, bias).sum();
  }

  @Test
  void aProductWithItsSum() {
    assertThat(flops(in -> loss(in.x(), in.w(), in.bias()))).isEqualTo(PRODUCT + SUM);
  }

  @Test
  void aGradientCostsOneProductForEachFactorThatHasOne() {
    assertThat(flops(in -> Grad.of(w -> loss(in.x(), w, in.bias()), in.w()).grads()))
        .isEqualTo(2 * PRODUCT + 2 * SUM);
    assertThat(flops(in -> Grad.of(bias -> loss(in.x(), in.w(), bias), in.bias()).grads()))
        .isEqualTo(PRODUCT + 2 * SUM);
    assertThat(flops(in -> Grad.of(l -> loss(l.x(), l.w(), l.bias()), in).grads().w()))
        .isEqualTo(3 * PRODUCT + 2 * SUM);
  }

  @Test
  void whatIsCutOffOrNotReachedHasNone() {
    assertThat(
            flops(
                in ->
                    Grad.of(w -> loss(in.x(), w.detach(), in.bias()).add(w.sum()), in.w()).grads()))
        .isEqualTo(PRODUCT + SUM + 1 + 2 * 16 * 32 + 1);
  }

  @Test
  void aCheckpointIsComputedAgain() {
    assertThat(
            flops(
                in ->
                    Grad.of(w -> Kernel.checkpoint(() -> in.x().linear(w, in.bias())).sum(), in.w())
                        .grads()))
        .isEqualTo(3 * PRODUCT + 2 * SUM);
  }

  @Test
  void stepsInALoopCountOnceATurn() {
    double step = 2 * PRODUCT + 2 * SUM + 2 * 16 * 32; // the update: a product and a difference
    assertThat(
            flops(
                in ->
                    Kernel.loop(
                        Dim.of(20),
                        in.w(),
                        (i, w) ->
                            w.sub(Grad.of(v -> loss(in.x(), v, in.bias()), w).grads().mul(0.1)))))
        .isEqualTo(20 * step);
  }

  @Test
  void aLoopInsideIsGoneBackThrough() {
    assertThat(
            flops(
                in ->
                    Grad.of(
                            w ->
                                Kernel.loop(
                                        Dim.of(3),
                                        Tensor.zeros(DType.FLOAT32, 16),
                                        (i, sum) -> in.x().linear(w, sum).sum(0, false))
                                    .sum(),
                            in.w())
                        .grads()))
        .isEqualTo(3 * 2 * (PRODUCT + SUM) + 2 * 16);
  }

  @Test
  void aConvolutionIsAProductOfEveryWindow() {
    Tensor images = Tensor.zeros(DType.FLOAT32, 5, 4, 8, 8);
    Tensor filters = Tensor.zeros(DType.FLOAT32, 6, 2, 3, 3);
    double convolution = 2.0 * (5 * 6 * 8 * 8) * (2 * 3 * 3);
    double pooling = 5 * 6 * 4 * 4 * 2 * 2;
    try (Kernel<Tensor, Tensor> kernel =
        Kernel.of(x -> x.conv2d(filters, null, 1, 1, 2).maxPool2d(2, 2, 0))) {
      assertThat(kernel.flops(images)).isEqualTo(convolution + pooling);
    }
  }
}
