package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said where images and filters do not fit. */
class ImageShapesTest {

  private final Scope scope = Scope.open();
  private final Tensor images = Tensor.zeros(DType.FLOAT32, 2, 4, 5, 5);

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor filters(long... shape) {
    return Tensor.zeros(DType.FLOAT32, shape);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(ThrowingCallable call) {
    return assertThatThrownBy(call).isInstanceOf(KernelException.class);
  }

  @Test
  void convolutionsNameChannelsGroupsAndWindows() {
    refused(() -> images.conv2d(filters(3, 3, 3, 3), null, 1, 1, 1))
        .hasMessageContaining("channels of x [2, 4, 5, 5]")
        .hasMessageContaining("weight [3, 3, 3, 3] in groups 1: 4 is not 3");
    refused(() -> images.conv2d(filters(3, 2, 3, 3), null, 1, 1, 2))
        .hasMessageContaining("3 output channels do not divide into 2 groups");
    refused(() -> images.conv2d(filters(3, 4, 7, 3), null, 1, 0, 1))
        .hasMessageContaining("a window of 7 does not fit into images [2, 4, 5, 5]");
    refused(() -> images.conv2d(filters(3, 4, 3, 3), null, 0, 0, 1))
        .hasMessageContaining("stride 0 and padding 0; a stride is at least 1");
    refused(() -> images.conv2d(filters(3, 4, 3, 3), filters(2), 1, 0, 1))
        .hasMessageContaining("lengths of bias and weight");
    refused(() -> images.conv2d(filters(3, 4), null, 1, 0, 1))
        .hasMessageContaining("a weight [out, in / groups, height, width], not [3, 4]");
    refused(() -> images.select(0, 0).conv2d(filters(3, 4, 3, 3), null, 1, 0, 1))
        .hasMessageContaining("images [n, channels, height, width]");
  }

  @Test
  void poolingPaddingAndNormsNameTheirNumbers() {
    refused(() -> images.maxPool2d(2, 2, 2))
        .hasMessageContaining("a padding of 2 is more than half a window of 2");
    refused(() -> images.avgPool2d(6, 1, 0)).hasMessageContaining("a window of 6 does not fit");
    refused(() -> images.groupNorm(3, 1e-5))
        .hasMessageContaining("4 channels do not divide into 3 groups");
    refused(() -> images.to(DType.INT64).batchNorm(1e-5)).hasMessageContaining("INT64[2, 4, 5, 5]");
    refused(() -> images.pad(1, -1)).hasMessageContaining("padding is not negative");
    refused(() -> images.pad(1)).hasMessageContaining("a number before and one after each");
  }

  @Test
  void aKernelForOneHeightServesAnother() {
    try (Kernel<Tensor, Tensor> k =
        Kernel.of(x -> x.conv2d(filters(3, 4, 3, 3), null, 2, 1, 1).maxPool2d(2, 2, 0))) {
      assertThat(k.call(filters(1, 4, 8, 8)).lengths()).containsExactly(1, 3, 2, 2);
      assertThat(k.call(filters(2, 4, 13, 9)).lengths()).containsExactly(2, 3, 3, 2);
    }
  }
}
