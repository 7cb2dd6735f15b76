package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Dropout;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoraTest {

  private final Scope scope = Scope.open();
  private final Tensor a = Small.random("a", 2, 16);
  private final Tensor b = Small.random("b", 5, 2);
  private final Tensor x = Small.random("x", 50, 16);
  private final Dense base = new Dense(Small.random("w", 5, 16), Small.random("bias", 5));

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void addsTheScaledProduct() {
    Lora lora = new Lora(base, a, b, 0.5, Dropout.NONE);
    Tensor weight = base.weight().add(b.matmul(a).mul(0.5));
    double[] expected = x.linear(weight, base.bias()).toDoubles();
    assertThat(lora.apply(x, Small.PASS).toDoubles()).containsExactly(expected, within(1e-12));
    Linear merged = lora.merged().orElseThrow();
    assertThat(merged).isInstanceOf(Dense.class);
    assertThat(merged.apply(x, Small.PASS).toDoubles()).containsExactly(expected, within(1e-12));
  }

  @Test
  void mergesIntoEightBitWeightsAsBfloat16() {
    Dense narrow = new Dense(base.weight().to(DType.BFLOAT16), null);
    Lora lora =
        new Lora(Int8.of(narrow), a.to(DType.FLOAT32), b.to(DType.FLOAT32), 1, Dropout.NONE);
    Dense merged = (Dense) lora.merged().orElseThrow();
    assertThat(merged.weight().dtype()).isEqualTo(DType.BFLOAT16);
    assertThat(merged.weight().toDoubles())
        .containsExactly(base.weight().add(b.matmul(a)).toDoubles(), within(0.03));
  }

  @Test
  void dropoutIsKeyedAndOffOutsideTraining() {
    Lora plain = new Lora(base, a, b, 1, Dropout.NONE);
    Lora lora = new Lora(base, a, b, 1, new Dropout(0.5, 3));
    assertThat(lora.apply(x, Small.PASS).toDoubles())
        .isEqualTo(plain.apply(x, Small.PASS).toDoubles());
    double[] once = lora.apply(x, Small.pass(true, Key.of(1))).toDoubles();
    assertThat(lora.apply(x, Small.pass(true, Key.of(1))).toDoubles()).isEqualTo(once);
    assertThat(lora.apply(x, Small.pass(true, Key.of(2))).toDoubles()).isNotEqualTo(once);
    assertThat(plain.apply(x, Small.pass(true, Key.of(1))).toDoubles()).isNotEqualTo(once);
    Lora elsewhere = new Lora(base, a, b, 1, new Dropout(0.5, 4));
    assertThat(elsewhere.apply(x, Small.pass(true, Key.of(1))).toDoubles()).isNotEqualTo(once);
    assertThatThrownBy(() -> lora.apply(x, Small.pass(true, null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs a pass with a key");
  }

  @Test
  void dropoutKeepsTheMean() {
    Tensor ones = Tensor.ones(DType.FLOAT64, 100, 100);
    Tensor dropped = new Dropout(0.3, 0).apply(ones, Small.pass(true, Key.of(9)));
    assertThat(dropped.mean().item()).isCloseTo(1, within(0.03));
    assertThat(dropped.toDoubles()).containsOnly(0, 1 / 0.7);
    assertThatThrownBy(() -> new Dropout(1, 0)).hasMessageContaining("below 1, not 1.0");
  }
}
