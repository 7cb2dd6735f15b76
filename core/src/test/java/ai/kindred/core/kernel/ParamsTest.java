package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParamsTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Params params(double a, double b) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    leaves.put("w", Tensor.of(new double[] {a, a}, 1, 2));
    leaves.put("b", Tensor.of(new double[] {b}));
    return new Params(leaves);
  }

  @Test
  void theyAreAVectorSpace() {
    Params p = params(1, 2).add(params(3, 4)).sub(params(0.5, 0.5)).mul(2);
    assertThat(p.get("w").toDoubles()).containsExactly(7, 7);
    assertThat(p.get("b").toDoubles()).containsExactly(11);
    assertThat(p.mul(Tensor.scalar(0.5, DType.FLOAT32)).get("b").item()).isEqualTo(5.5);
    assertThat(p.mul(Tensor.scalar(0.5, DType.FLOAT32)).get("b").dtype()).isEqualTo(DType.FLOAT64);
  }

  @Test
  void theNormIsOverAllElements() {
    assertThat(params(2, 1).norm().item()).isCloseTo(3, within(1e-6));
    assertThat(params(2, 1).norm().dtype()).isEqualTo(DType.FLOAT32);
    assertThatThrownBy(() -> new Params(Map.of()).norm()).hasMessage("norm of no parameters");
  }

  @Test
  void theyCountTheirElements() {
    assertThat(params(1, 1).elements()).isEqualTo(3);
  }

  @Test
  void onlyEqualNamesCombine() {
    Params one = new Params(Map.of("w", Tensor.ones(DType.FLOAT32, 1)));
    assertThatThrownBy(() -> params(1, 2).add(one))
        .hasMessage("parameters differ: b is only in the first");
    assertThatThrownBy(() -> one.sub(params(1, 2)))
        .hasMessage("parameters differ: b is only in the second");
    assertThatThrownBy(() -> one.get("v")).hasMessage("no parameter is called v; there are [w]");
  }

  @Test
  void theMapCannotBeChanged() {
    Params p = params(1, 2);
    assertThatThrownBy(() -> p.asMap().clear()).isInstanceOf(UnsupportedOperationException.class);
  }
}
