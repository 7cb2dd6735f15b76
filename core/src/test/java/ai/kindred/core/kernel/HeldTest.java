package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeldTest {

  private record State(Tensor moving, Tensor fixed) {}

  @Test
  void whatTheNextStateDoesNotShareIsFreed() {
    int before = Scope.live();
    try (Scope scope = Scope.open();
        Held<State> held =
            Held.of(new State(Tensor.ones(DType.FLOAT32, 2), Tensor.ones(DType.FLOAT32, 3)))) {
      assertThat(scope.size()).isZero();
      Tensor first = held.get().moving();
      for (int i = 0; i < 10; i++) {
        State s = held.get();
        held.set(new State(s.moving().add(1), s.fixed()));
        assertThat(Scope.live()).isEqualTo(before + 2);
      }
      assertThat(held.get().moving().toFloats()).containsExactly(11, 11);
      assertThat(held.get().fixed().toFloats()).containsExactly(1, 1, 1);
      assertThatThrownBy(first::toFloats).hasMessageContaining("closed");
    }
    assertThat(Scope.live()).isEqualTo(before);
  }

  @Test
  void theSameStateMayBeSetAgain() {
    try (Held<Tensor> held = Held.of(Tensor.ones(DType.FLOAT32, 2))) {
      held.set(held.get());
      assertThat(held.get().toFloats()).containsExactly(1, 1);
    }
  }

  @Test
  void aViewOutlivesTheStateThatItWasTakenFrom() {
    try (Scope scope = Scope.open();
        Held<Tensor> held = Held.of(Tensor.of(new double[] {1, 2, 3, 4}))) {
      held.set(held.get().reshape(2, 2));
      System.gc();
      assertThat(held.get().toDoubles()).containsExactly(1, 2, 3, 4);
      assertThat(scope.size()).isZero();
    }
  }

  @Test
  void aClosedHolderHasNoState() {
    Held<Tensor> held = Held.of(Tensor.ones(DType.FLOAT32, 2));
    held.close();
    held.close();
    assertThatThrownBy(held::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("freed with its holder");
  }
}
