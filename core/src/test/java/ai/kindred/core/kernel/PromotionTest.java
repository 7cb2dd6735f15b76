package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inferred element types against those that libtorch gives, over all pairs of types. */
class PromotionTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static List<Tensor> typed(Tensor x, DType a, DType b) {
    List<Tensor> results = new ArrayList<>();
    List<Tensor> as = List.of(x.to(a), x.to(a).select(0, 0));
    List<Tensor> bs = List.of(x.to(b), x.to(b).select(0, 0));
    for (Tensor p : as) {
      for (Tensor q : bs) {
        results.addAll(
            List.of(
                p.add(q), p.mul(q), p.div(q), p.maximum(q), p.lt(q), Tensor.where(p.eq(q), p, q)));
      }
    }
    results.add(Tensor.cat(List.of(as.get(0), bs.get(0)), 0));
    return results;
  }

  private static List<Tensor> numbers(Tensor x, DType a) {
    List<Tensor> results = new ArrayList<>();
    for (Tensor p : List.of(x.to(a), x.to(a).select(0, 0))) {
      for (double n : new double[] {2, 0.5}) {
        results.addAll(
            List.of(
                p.add(n),
                p.mul(n),
                p.div(n),
                p.eq(n),
                p.maskedFill(p.eq(1), n),
                p.clamp(n, 3.0),
                Tensor.where(p.eq(1), p, n)));
        if (a != DType.BOOL) {
          results.addAll(List.of(p.sub(n), p.rsub(n), p.remainder(n)));
        }
      }
      results.addAll(List.of(p.sum(), p.reshape(-1).cumsum(0), p.exp(), p.sqrt()));
    }
    return results;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void pairsOfTensors(DType a) {
    for (DType b : DType.values()) {
      assertAsInferred(x -> typed(x, a, b));
    }
  }

  private static void assertAsInferred(Function<Tensor, List<Tensor>> f) {
    Tensor ones = Tensor.ones(DType.FLOAT32, 3);
    List<DType> inferred = new ArrayList<>();
    try (Kernel<Tensor, Tensor> k =
        Kernel.of(
            x -> {
              List<Tensor> codes = new ArrayList<>();
              for (Tensor t : f.apply(x)) {
                inferred.add(t.dtype());
                codes.add(OpsContractTest.TYPE.apply(t));
              }
              return Tensor.stack(codes, 0);
            })) {
      long[] actual = k.call(ones).toLongs();
      assertThat(inferred.stream().mapToLong(DType::code).toArray()).containsExactly(actual);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void tensorsAndNumbers(DType a) {
    assertAsInferred(x -> numbers(x, a));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bytesOfEveryTypeComeBack(DType dtype) {
    Tensor t = Tensor.of(new double[] {1, 0, 1}, 3).to(dtype);
    assertThat(t.toBytes().remaining()).isEqualTo(3 * dtype.bytes());
    assertThat(Tensor.of(t.toBytes(), dtype, 3).toDoubles()).containsExactly(1, 0, 1);
    assertThat(Tensor.scalar(1, dtype).item()).isEqualTo(1);
  }
}
