package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class ScopeTest {

  @Test
  void aScopeFreesWhatWasMadeInside() {
    int before = Scope.live();
    Tensor leaked;
    try (Scope scope = Scope.open()) {
      leaked = Tensor.ones(DType.FLOAT32, 2);
      leaked.add(1);
      assertThat(scope.size()).isEqualTo(2);
    }
    assertThat(Scope.live()).isEqualTo(before);
    Tensor gone = leaked;
    assertThatThrownBy(gone::toFloats)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("FLOAT32[2] was closed with its scope; Scope.keep hands it out");
    assertThat(gone.toString()).isEqualTo("Tensor FLOAT32[2] closed");
  }

  @Test
  void keptTensorsBelongToTheEnclosingScope() {
    try (Scope outer = Scope.open()) {
      List<Tensor> kept;
      try (Scope inner = Scope.open()) {
        Tensor a = Tensor.ones(DType.FLOAT32, 2);
        kept = inner.keep(List.of(a, a.add(1)));
        a.add(2);
        assertThat(inner.size()).isEqualTo(1);
      }
      assertThat(outer.size()).isEqualTo(2);
      assertThat(kept.get(1).toFloats()).containsExactly(2, 2);
    }
  }

  @Test
  void keepingLeavesOthersTensorsWhereTheyAre() {
    try (Scope owner = Scope.open()) {
      Tensor weight = Tensor.ones(DType.FLOAT32, 2);
      try (Scope middle = Scope.open()) {
        try (Scope inner = Scope.open()) {
          inner.keep(List.of(weight, weight.mul(2)));
        }
        assertThat(middle.size()).isEqualTo(1);
      }
      assertThat(owner.size()).isEqualTo(1);
      assertThat(weight.toFloats()).containsExactly(1, 1);
    }
  }

  @Test
  void adoptedTensorsChangeTheirOwner() {
    try (Scope first = Scope.open()) {
      Tensor t = Tensor.ones(DType.FLOAT32, 2);
      try (Scope second = Scope.open()) {
        second.adopt(t);
        assertThat(first.size()).isZero();
        assertThat(second.size()).isEqualTo(1);
      }
      assertThatThrownBy(t::toFloats).hasMessageContaining("closed");
    }
  }

  @Test
  void tidyFreesAllButTheResult() {
    try (Scope scope = Scope.open()) {
      Tensor t = Scope.tidy(() -> Tensor.ones(DType.FLOAT32, 2).add(1).mul(3));
      assertThat(t.toFloats()).containsExactly(6, 6);
      assertThat(scope.size()).isEqualTo(1);
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    int before = Scope.live();
    Scope scope = Scope.open();
    scope.close();
    scope.close();
    assertThat(Scope.live()).isEqualTo(before);
    assertThatThrownBy(() -> scope.adopt(List.of()))
        .hasMessageContaining("a closed scope cannot own tensors");
  }

  @Test
  void scopesCloseInnermostFirst() {
    try (Scope outer = Scope.open();
        Scope inner = Scope.open()) {
      assertThat(inner.size()).isZero();
      assertThatThrownBy(outer::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("innermost first");
    }
  }

  @Test
  void scopesCloseOnTheirThread() throws ExecutionException, InterruptedException {
    try (Scope scope = Scope.open()) {
      CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(scope::close);
      assertThatThrownBy(elsewhere::get)
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("on the thread that opened them");
      assertThat(Tensor.ones(DType.FLOAT32, 2).add(1).toFloats()).containsExactly(2, 2);
    }
  }

  @Test
  void viewsOutliveTheArrayThatTheyWereTakenFrom() {
    try (Scope outer = Scope.open()) {
      Tensor[] views = new Tensor[50];
      for (int i = 0; i < views.length; i++) {
        double[] x = new double[20_000];
        Arrays.fill(x, i);
        views[i] = Scope.tidy(() -> Tensor.of(x, 100, 200).t());
      }
      System.gc();
      for (int i = 0; i < 50; i++) {
        ByteBuffer.allocateDirect(160_000).order(ByteOrder.nativeOrder()).asDoubleBuffer().put(-1);
      }
      for (int i = 0; i < views.length; i++) {
        assertThat(views[i].mean().item()).isEqualTo(i);
      }
      assertThat(outer.size()).isEqualTo(2 * views.length);
    }
  }

  @Test
  void directBuffersAreSharedFromTheirPosition() {
    try (Scope scope = Scope.open()) {
      ByteBuffer b = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
      for (int i = 0; i < 8; i++) {
        b.putFloat(4 * i, i);
      }
      Tensor t = Tensor.of(b.position(8).limit(24), DType.FLOAT32, 2, 2);
      assertThat(t.toFloats()).containsExactly(2, 3, 4, 5);
      b.putFloat(8, 7);
      assertThat(t.toFloats()).containsExactly(7, 3, 4, 5);
      ByteBuffer heap = ByteBuffer.wrap(new byte[] {9, 1, 2, 3}).position(1);
      assertThat(Tensor.of(heap, DType.UINT8, 3).toLongs()).containsExactly(1, 2, 3);
      assertThatThrownBy(() -> Tensor.of(heap, DType.UINT8, 4))
          .hasMessage("3 bytes do not hold UINT8[4]");
      assertThat(scope.size()).isEqualTo(2);
    }
  }
}
