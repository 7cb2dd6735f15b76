package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DimTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  /** An expression over three lengths, as a Dim and as plain arithmetic. */
  private interface Expression {
    Dim dim(List<Dim> lengths);

    long value(long... lengths);
  }

  private interface DimPair {
    Dim of(Dim a, Dim b);
  }

  private interface LongPair {
    long of(long a, long b);
  }

  private static Expression leaf(SplittableRandom random) {
    int at = random.nextInt(4);
    long constant = random.nextInt(-3, 6);
    return new Expression() {
      @Override
      public Dim dim(List<Dim> lengths) {
        return at == 3 ? Dim.of(constant) : lengths.get(at);
      }

      @Override
      public long value(long... lengths) {
        return at == 3 ? constant : lengths[at];
      }
    };
  }

  private static Expression node(Expression a, Expression b, DimPair dims, LongPair longs) {
    return new Expression() {
      @Override
      public Dim dim(List<Dim> lengths) {
        return dims.of(a.dim(lengths), b.dim(lengths));
      }

      @Override
      public long value(long... lengths) {
        return longs.of(a.value(lengths), b.value(lengths));
      }
    };
  }

  private static Expression expression(SplittableRandom random, int depth) {
    if (depth == 0) {
      return leaf(random);
    }
    Expression a = expression(random, depth - 1);
    Expression b = expression(random, depth - 1);
    return switch (random.nextInt(6)) {
      case 0, 1 -> node(a, b, Dim::plus, Long::sum);
      case 2 -> node(a, b, Dim::minus, (x, y) -> x - y);
      case 3 -> node(a, b, Dim::times, (x, y) -> x * y);
      case 4 -> node(a, b, Dim::min, Math::min);
      default -> {
        long by = random.nextInt(1, 5);
        yield random.nextBoolean()
            ? node(a, b, (x, y) -> x.over(by), (x, y) -> Math.floorDiv(x, by))
            // A square and one is never zero.
            : node(
                a, b, (x, y) -> x.over(y.times(y).plus(1)), (x, y) -> Math.floorDiv(x, y * y + 1));
      }
    };
  }

  @Test
  void expressionsAreWhatTheyEvaluateTo() {
    SplittableRandom random = Key.of(1).fold("expressions").random();
    List<Expression> expressions = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      expressions.add(expression(random, random.nextInt(4)));
    }
    try (Kernel<Tensor, Tensor> k =
        Kernel.of(
            x -> {
              List<Tensor> numbers = new ArrayList<>();
              for (Expression e : expressions) {
                numbers.add(Tensor.of(e.dim(x.shape())));
              }
              return Tensor.stack(numbers, 0);
            })) {
      for (long[] lengths : new long[][] {{2, 3, 5}, {1, 1, 1}, {7, 2, 4}, {0, 3, 1}}) {
        long[] expected = expressions.stream().mapToLong(e -> e.value(lengths)).toArray();
        List<Dim> constants = List.of(Dim.of(lengths));
        assertThat(expressions.stream().mapToLong(e -> e.dim(constants).value()).toArray())
            .containsExactly(expected);
        assertThat(k.call(Tensor.zeros(DType.FLOAT32, lengths)).toLongs())
            .containsExactly(expected);
      }
    }
  }

  @Test
  void hintsAreTheNumbersOfToday() {
    SplittableRandom random = Key.of(2).fold("expressions").random();
    Trace trace = new Trace();
    trace.run(
        () -> {
          List<Dim> lengths = trace.input((Value) Trace.paused(() -> zeros())).shape();
          for (int i = 0; i < 300; i++) {
            Expression e = expression(random, 3);
            assertThat(e.dim(lengths).hint()).isEqualTo(e.value(2, 3, 5));
          }
          return lengths;
        });
  }

  private static Tensor zeros() {
    return Tensor.zeros(DType.FLOAT32, 2, 3, 5);
  }

  @Test
  void equalPolynomialsAreEqual() {
    Trace trace = new Trace();
    List<Dim> s = trace.input((Value) zeros()).shape();
    Dim a = s.get(0);
    Dim b = s.get(1);
    Dim c = s.get(2);
    assertThat(a.plus(b).times(c)).isEqualTo(c.times(b).plus(a.times(c)));
    assertThat(a.plus(b).minus(b)).isEqualTo(a);
    assertThat(a.times(b).over(b)).isEqualTo(a);
    assertThat(a.times(4).plus(b.times(6)).over(2)).isEqualTo(a.times(2).plus(b.times(3)));
    assertThat(a.over(2)).isEqualTo(a.over(2)).isNotEqualTo(b.over(2));
    assertThat(a.min(a)).isEqualTo(a);
    assertThat(a.minus(a)).isEqualTo(Dim.of(0));
    assertThat(a.hashCode()).isEqualTo(a.plus(0).hashCode());
    assertThat(a).hasToString("torch.size(s0, 0)=2");
  }

  @Test
  void overflowAndDivisionByZeroAreRefused() {
    assertThatThrownBy(() -> Dim.of(Long.MAX_VALUE).plus(1))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Dim.of(Long.MAX_VALUE).times(2))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Dim.of(4).over(0)).hasMessage("division of 4 by zero");
  }

  @Test
  void onlyOneWholeNumberIsALength() {
    assertThat(Tensor.scalar(3, DType.INT32).toDim().value()).isEqualTo(3);
    assertThatThrownBy(() -> Tensor.of(new long[] {1, 2}).toDim())
        .hasMessage("one whole number can be a length, not INT64[2]");
    assertThatThrownBy(() -> Tensor.scalar(3, DType.FLOAT32).toDim())
        .hasMessageContaining("not FLOAT32[]");
  }
}
