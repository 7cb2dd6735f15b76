package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every operation promises. */
class OpsContractTest {

  private static final Key KEY = Key.of(11).fold("operations");
  private static final int LANES = 3;

  private int before;
  private Scope scope = Scope.open();

  @BeforeEach
  void open() {
    scope.close();
    before = Scope.live();
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertThat(Scope.live()).isEqualTo(before);
    scope = Scope.open();
  }

  static List<OpCase> cases() {
    return OpCases.all();
  }

  static List<OpCase> smoothCases() {
    return cases().stream().filter(OpCase::smooth).toList();
  }

  @Test
  void everyOperationHasACase() throws IllegalAccessException {
    Set<Op> covered = new LinkedHashSet<>();
    cases().forEach(c -> covered.addAll(c.ops()));
    for (Field field : Ops.class.getDeclaredFields()) {
      if (field.getType() == Op.class) {
        assertThat(covered).as("cases of Ops.%s", field.getName()).contains((Op) field.get(null));
      }
    }
  }

  @Test
  void randomNumbersHaveTheirMoments() {
    Tensor key = Tensor.of(Key.of(1));
    int n = 100_000;
    Tensor uniform = Tensor.rand(key, DType.FLOAT64, Dim.of(n));
    Tensor normal = Tensor.randn(key, DType.FLOAT64, Dim.of(n));
    // Five standard errors of each moment.
    assertThat(uniform.mean().item()).isCloseTo(0.5, within(5 * Math.sqrt(1 / 12.0 / n)));
    assertThat(uniform.amin().item()).isNotNegative();
    assertThat(uniform.amax().item()).isLessThan(1);
    assertThat(normal.mean().item()).isCloseTo(0, within(5 * Math.sqrt(1.0 / n)));
    assertThat(normal.pow(2).mean().item()).isCloseTo(1, within(5 * Math.sqrt(2.0 / n)));
    assertThat(normal.pow(4).mean().item()).isCloseTo(3, within(5 * Math.sqrt(96.0 / n)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itsValueIsThatOfPlainJava(OpCase c) {
    Function<List<Nd>, List<Nd>> reference = c.reference();
    if (reference == null) {
      return;
    }
    for (int n : new int[] {3, 5}) {
      List<Tensor> inputs = c.make(KEY, n);
      List<Nd> expected = reference.apply(inputs.stream().map(Nd::of).toList());
      List<Tensor> actual = call(c, inputs);
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.size(); i++) {
        assertThat(actual.get(i).lengths()).containsExactly(longs(expected.get(i).shape()));
        assertThat(actual.get(i).toDoubles())
            .containsExactly(expected.get(i).elements(), within(c.tolerance()));
      }
    }
  }

  private static long[] longs(int[] ints) {
    return Arrays.stream(ints).asLongStream().toArray();
  }

  private static List<Tensor> call(OpCase c, List<Tensor> inputs) {
    try (Kernel<List<Tensor>, List<Tensor>> k = Kernel.of(c.function())) {
      return k.call(inputs);
    }
  }

  /** Element type as libtorch tells it. */
  static final Op TYPE =
      new Op(
          "prim.dtype",
          args -> List.of(Meta.of(DType.INT64)),
          LaneRules.UNSUPPORTED,
          Cost.FREE,
          (out, op, args, results) ->
              out.line(
                  results.get(0)
                      + " = torch.full([], ops.prim.dtype("
                      + args.get(0)
                      + "), dtype=4)"));

  @ParameterizedTest
  @MethodSource("cases")
  void itsTypeAndLengthsAreAsInferred(OpCase c) {
    List<Tensor> small = c.make(KEY, 3);
    List<Tensor> large = c.make(KEY.fold(1), 5);
    Trace trace = new Trace();
    List<Meta> inferred =
        trace.run(
            () -> {
              List<Tensor> in = new ArrayList<>();
              small.forEach(t -> in.add(trace.input((Value) t)));
              return c.function().apply(in).stream().map(Tensor::meta).toList();
            });
    List<Tensor> actual = call(c, large);
    try (Kernel<List<Tensor>, List<Tensor>> types =
        Kernel.of(in -> c.function().apply(in).stream().map(TYPE::apply).toList())) {
      List<Tensor> codes = types.call(large);
      for (int i = 0; i < actual.size(); i++) {
        assertThat(codes.get(i).item()).isEqualTo(inferred.get(i).dtype().code());
        long[] lengths =
            inferred.get(i).shape().stream()
                .map(d -> d.substitute(atom -> length(atom, trace, large)))
                .mapToLong(Dim::value)
                .toArray();
        assertThat(actual.get(i).lengths()).containsExactly(lengths);
      }
    }
  }

  private static Dim length(Dim.Atom atom, Trace trace, List<Tensor> inputs) {
    Dim.Size size = (Dim.Size) atom;
    return inputs.get(trace.inputs.indexOf(size.symbol())).size(size.axis());
  }

  @ParameterizedTest
  @MethodSource("smoothCases")
  void itsGradientIsThatOfFiniteDifferences(OpCase c) {
    List<Tensor> inputs = c.make(KEY.fold(2), 3);
    List<Integer> real = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).dtype().isFloating()) {
        real.add(i);
      }
    }
    List<Tensor> at = real.stream().map(inputs::get).toList();
    Function<List<Tensor>, Tensor> loss =
        variables -> {
          List<Tensor> in = new ArrayList<>(inputs);
          for (int i = 0; i < real.size(); i++) {
            in.set(real.get(i), variables.get(i));
          }
          return weighted(c.function().apply(in));
        };
    try (Kernel<List<Tensor>, Grad<List<Tensor>>> gradient = Kernel.of(v -> Grad.of(loss, v));
        Kernel<List<Tensor>, Tensor> value = Kernel.of(loss)) {
      Grad<List<Tensor>> g = gradient.call(at);
      assertThat(g.value().item()).isEqualTo(value.call(at).item());
      for (int i = 0; i < at.size(); i++) {
        assertThat(g.grads().get(i).toDoubles())
            .as("gradient of input %s", real.get(i))
            .containsExactly(differences(value, at, i), within(1e-6));
      }
    }
  }

  /** A sum in which every element counts differently. */
  private static Tensor weighted(List<Tensor> results) {
    Tensor sum = Tensor.scalar(0, DType.FLOAT64);
    for (Tensor r : results) {
      if (r.dtype().isFloating()) {
        Tensor flat = r.reshape(-1);
        sum = sum.add(flat.mul(Tensor.arange(flat.size(0)).add(1.5).to(r.dtype())).sum());
      }
    }
    return sum;
  }

  private static double[] differences(Kernel<List<Tensor>, Tensor> f, List<Tensor> at, int input) {
    double[] x = at.get(input).toDoubles();
    double[] slope = new double[x.length];
    double h = 1e-5;
    for (int i = 0; i < x.length; i++) {
      double kept = x[i];
      double[] ends = new double[2];
      for (int end = 0; end < 2; end++) {
        x[i] = kept + (2 * end - 1) * h;
        List<Tensor> moved = new ArrayList<>(at);
        moved.set(
            input,
            at.get(input).rank() == 0
                ? Tensor.scalar(x[0], DType.FLOAT64)
                : Tensor.of(x, at.get(input).lengths()));
        ends[end] = f.call(moved).item();
      }
      x[i] = kept;
      slope[i] = (ends[1] - ends[0]) / (2 * h);
    }
    return slope;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void compiledIsEagerBitForBit(OpCase c) {
    List<Tensor> inputs = c.make(KEY.fold(3), 4);
    try (Kernel<List<Tensor>, List<Tensor>> eager = Kernel.eager(c.function())) {
      assertSame(call(c, inputs), eager.call(inputs), 0);
    }
  }

  private static void assertSame(List<Tensor> actual, List<Tensor> expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).dtype()).isEqualTo(expected.get(i).dtype());
      assertThat(actual.get(i).lengths()).containsExactly(expected.get(i).lengths());
      assertThat(actual.get(i).toDoubles())
          .containsExactly(expected.get(i).toDoubles(), within(tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stackedLanesAreEachTheFunctionAlone(OpCase c) {
    int inputs = c.inputs().size();
    for (int mask = 1; mask < 1 << inputs; mask++) {
      int stacked = mask;
      List<List<Tensor>> lanes = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        lanes.add(c.make(KEY.fold(4 + lane), 3));
      }
      List<Tensor> arguments = new ArrayList<>();
      for (int i = 0; i < inputs; i++) {
        int at = i;
        if ((stacked >> i & 1) == 1) {
          arguments.add(Tensor.stack(lanes.stream().map(l -> l.get(at)).toList(), 0));
        }
      }
      try (Kernel<List<Tensor>, List<Tensor>> k =
          Kernel.stacked(own -> c.function().apply(mixed(lanes.get(0), own, stacked)))) {
        if (!c.stacks()) {
          assertThatThrownBy(() -> k.call(arguments))
              .isInstanceOf(KernelException.class)
              .satisfies(
                  e ->
                      assertThat(c.ops())
                          .as(e.toString())
                          .anyMatch(op -> e.toString().contains(op.name())));
          continue;
        }
        List<Tensor> together = k.call(arguments);
        for (int lane = 0; lane < LANES; lane++) {
          int at = lane;
          List<Tensor> alone = call(c, mixed(lanes.get(0), own(lanes.get(lane), stacked), stacked));
          assertSame(together.stream().map(t -> t.select(0, at)).toList(), alone, c.tolerance());
        }
      }
    }
  }

  private static List<Tensor> own(List<Tensor> inputs, int mask) {
    List<Tensor> own = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if ((mask >> i & 1) == 1) {
        own.add(inputs.get(i));
      }
    }
    return own;
  }

  /** Shared inputs, those of the mask replaced by a lane's own. */
  private static List<Tensor> mixed(List<Tensor> shared, List<Tensor> own, int mask) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0, next = 0; i < shared.size(); i++) {
      all.add((mask >> i & 1) == 1 ? own.get(next++) : shared.get(i));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneProgramServesTwoSizes(OpCase c) {
    List<Tensor> small = c.make(KEY, 3);
    List<Tensor> large = c.make(KEY, 6);
    try (Kernel<List<Tensor>, List<Tensor>> k = Kernel.of(c.function())) {
      List<Tensor> first = k.call(large);
      assertThat(k.program(small)).isEqualTo(k.program(large));
      k.call(small);
      assertSame(k.call(large), first, 0);
    }
  }
}
