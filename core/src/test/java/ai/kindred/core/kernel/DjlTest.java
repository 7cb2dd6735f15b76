package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class DjlTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BFLOAT16", "INT16"},
      mode = Mode.EXCLUDE)
  void elementsGoOutAndComeBack(DType dtype) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Tensor t = Tensor.of(new double[] {0, 1, 1, 0, 1, 0}, 2, 3).to(dtype);
      NDArray array = t.toNDArray(manager);
      assertThat(array.getShape()).isEqualTo(new Shape(2, 3));
      assertThat(array.getDataType()).isEqualTo(Djl.type(dtype));
      Tensor back = Tensor.of(array);
      assertThat(back.dtype()).isEqualTo(dtype);
      assertThat(back.lengths()).containsExactly(2, 3);
      assertThat(back.toDoubles()).containsExactly(t.toDoubles());
    }
    assertThat(Tensor.ones(dtype, 2).toDoubles()).containsExactly(1, 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BFLOAT16", "INT16"})
  void typesThatDjlCannotMapAreRefused(DType dtype) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Tensor t = Tensor.of(new double[] {1, 2}).to(dtype);
      assertThatThrownBy(() -> t.toNDArray(manager))
          .hasMessage(dtype + " does not exist in DJL; convert it with Tensor.to first");
      assertThat(t.to(DType.FLOAT32).toNDArray(manager).toFloatArray()).containsExactly(1, 2);
    }
  }

  @Test
  void conversionsCopy() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray array = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
      array.setName("w[]");
      Tensor t = Tensor.of(array.transpose());
      assertThat(t.toFloats()).containsExactly(1, 3, 2, 4);
      NDArray out = t.toNDArray(manager);
      array.subi(1);
      out.muli(10);
      assertThat(t.toFloats()).containsExactly(1, 3, 2, 4);
      assertThat(t.add(Tensor.of(array)).toFloats()).containsExactly(1, 4, 4, 7);
      assertThat(array.getName()).isEqualTo("w[]");
    }
  }

  @Test
  void aSymbolHasNoElements() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        Kernel<Tensor, Tensor> k =
            Kernel.of(
                x -> {
                  x.toNDArray(manager);
                  return x;
                })) {
      assertThatThrownBy(() -> k.call(Tensor.ones(DType.FLOAT32, 2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no numbers yet")
          .hasMessageContaining("-Dkindred.eager");
    }
  }
}
