package ai.kindred.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartTest {

  private record Doubling(Linear base) implements Adapter {
    @Override
    public Tensor delta(Tensor x, Pass pass) {
      return base.apply(x, pass);
    }
  }

  private static final Pass PASS =
      new Pass(
          Tensor.of(new int[1]),
          Tensor.of(new int[1]),
          nothingMixes(),
          List.of(),
          false,
          false,
          null);

  private Scope scope = Scope.open();

  @BeforeEach
  void open() {
    scope.close();
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Mixing nothingMixes() {
    return (layer, q, k, v, scores) -> v;
  }

  private static Tensor random(String name, long... shape) {
    return Tensor.randn(
        Tensor.of(Key.of(1).fold(name)),
        DType.FLOAT32,
        IntStream.range(0, shape.length).mapToObj(i -> Dim.of(shape[i])).toArray(Dim[]::new));
  }

  @Test
  void partsOfOneProductAreTheProductsThemselves() {
    Tensor x = random("x", 3, 16);
    Dense q = new Dense(random("q", 4, 16), random("b", 4));
    Dense k = new Dense(random("k", 2, 16), random("c", 2));
    Dense whole =
        new Dense(
            Tensor.cat(List.of(q.weight(), k.weight()), 0),
            Tensor.cat(List.of(random("b", 4), random("c", 2)), 0));
    Linear adapted = new Doubling(new Part(whole, 4, 2));
    Dense own = new Dense(random("own", 5, 16), null);
    List<Tensor> made = Part.products(x, PASS, new Part(whole, 0, 4), adapted, own);
    assertClose(made.get(0), q.apply(x, PASS));
    assertClose(made.get(1), k.apply(x, PASS).mul(2));
    assertClose(made.get(2), own.apply(x, PASS));
    assertThat(adapted.in()).isEqualTo(16);
    assertThat(adapted.out()).isEqualTo(2);
    assertClose(new Part(whole, 4, 2).apply(x, PASS), k.apply(x, PASS));
  }

  @Test
  void theLargerProductIsMadeOnce() {
    Dense whole = new Dense(random("w", 6, 16), null);
    try (Kernel<Tensor, List<Tensor>> kernel =
        Kernel.of(
            x ->
                Part.products(
                    x, PASS, new Part(whole, 0, 4), new Doubling(new Part(whole, 4, 1))))) {
      String program = kernel.program(random("x", 3, 16));
      // Once for both parts, and once for what the adapter adds.
      assertThat(program.split("torch.linear", -1)).hasSize(3);
    }
  }

  @Test
  void aBlockedWeightGivesTheSameProduct() {
    for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      assumeTrue(BlockedDense.isAvailable(dtype), "no blocked products of " + dtype + " here");
      Dense dense = new Dense(random("w", 40, 48).to(dtype), random("b", 40).to(dtype));
      BlockedDense blocked = BlockedDense.of(dense);
      for (int n : new int[] {1, 2, 7, 33, 100}) {
        Tensor x = random("x", n, 48).to(dtype);
        double tolerance = dtype == DType.FLOAT32 ? 1e-4 : 0.15;
        assertThat(blocked.apply(x, PASS).to(DType.FLOAT32).toDoubles())
            .as("%s rows of %s", n, dtype)
            .containsExactly(dense.apply(x, PASS).to(DType.FLOAT32).toDoubles(), within(tolerance));
      }
      assertThat(blocked.in()).isEqualTo(48);
      assertThat(blocked.out()).isEqualTo(40);
    }
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.lengths()).containsExactly(expected.lengths());
    assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), within(1e-5));
  }
}
