package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An operation under test: how to make inputs, the function, and what plain Java says it is.
 *
 * @param reference the results, or null where no closed form is known
 * @param smooth whether gradients are compared with finite differences
 * @param stacks whether lanes are supported
 * @param tolerance of values against the reference and of lanes against single runs
 */
record OpCase(
    String name,
    List<Op> ops,
    List<Input> inputs,
    Function<List<Tensor>, List<Tensor>> function,
    @Nullable Function<List<Nd>, List<Nd>> reference,
    boolean smooth,
    boolean stacks,
    double tolerance) {

  /** Stands for the length that differs between the two sizes of a test. */
  static final int N = -1;

  /** Makes an input from a key at a size. */
  interface Input {
    Tensor make(Key key, int n);
  }

  static OpCase of(String name, Op op, Input... inputs) {
    return new OpCase(name, List.of(op), List.of(inputs), x -> x, null, false, true, 1e-12);
  }

  OpCase is(Function<List<Tensor>, Tensor> f) {
    return gives(x -> List.of(f.apply(x)));
  }

  OpCase gives(Function<List<Tensor>, List<Tensor>> f) {
    return new OpCase(name, ops, inputs, f, reference, smooth, stacks, tolerance);
  }

  OpCase like(Function<List<Nd>, Nd> f) {
    return likeAll(x -> List.of(f.apply(x)));
  }

  OpCase likeAll(Function<List<Nd>, List<Nd>> f) {
    return new OpCase(name, ops, inputs, function, f, smooth, stacks, tolerance);
  }

  OpCase differentiable() {
    return new OpCase(name, ops, inputs, function, reference, true, stacks, tolerance);
  }

  OpCase unstackable() {
    return new OpCase(name, ops, inputs, function, reference, smooth, false, tolerance);
  }

  OpCase within(double t) {
    return new OpCase(name, ops, inputs, function, reference, smooth, stacks, t);
  }

  List<Tensor> make(Key key, int n) {
    List<Tensor> made = new ArrayList<>();
    for (Input input : inputs) {
      made.add(input.make(key.fold(made.size()), n));
    }
    return made;
  }

  @Override
  public String toString() {
    return name;
  }

  // Inputs.

  static Input uniform(double low, double high, int... shape) {
    return (key, n) -> {
      long[] lengths = lengths(n, shape);
      SplittableRandom random = key.random();
      double[] x = new double[size(lengths)];
      Arrays.setAll(x, i -> random.nextDouble(low, high));
      return lengths.length == 0 ? Tensor.scalar(x[0], DType.FLOAT64) : Tensor.of(x, lengths);
    };
  }

  /** Numbers in [-2, 2). */
  static Input reals(int... shape) {
    return uniform(-2, 2, shape);
  }

  /** Whole numbers from 0 up to a bound. */
  static Input ints(int bound, int... shape) {
    return (key, n) -> {
      long[] lengths = lengths(n, shape);
      SplittableRandom random = key.random();
      long[] x = new long[size(lengths)];
      Arrays.setAll(x, i -> random.nextInt(bound));
      return lengths.length == 0
          ? Tensor.scalar((double) x[0], DType.INT64)
          : Tensor.of(x, lengths);
    };
  }

  static Input bools(int... shape) {
    return (key, n) -> ints(2, shape).make(key, n).to(DType.BOOL);
  }

  private static long[] lengths(int n, int... shape) {
    return Arrays.stream(shape).mapToLong(s -> s == N ? n : s).toArray();
  }

  private static int size(long[] lengths) {
    return (int) Arrays.stream(lengths).reduce(1, (a, b) -> a * b);
  }
}
