package ai.kindred.core.kernel;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The search for the first operation that makes NaN or infinity out of inputs without. Infinity
 * that a function writes itself, as attention masks do, is left alone.
 */
final class Finite {

  private static final ThreadLocal<Boolean> ON = ThreadLocal.withInitial(() -> false);

  private Finite() {}

  static boolean on() {
    return ON.get();
  }

  /** Runs {@code body} with every operation checked. */
  static <T> T within(Supplier<T> body) {
    return with(true, body);
  }

  private static <T> T with(boolean on, Supplier<T> body) {
    boolean outer = ON.get();
    ON.set(on);
    try {
      return body.get();
    } finally {
      ON.set(outer);
    }
  }

  /**
   * Requires an argument to be free of NaN.
   *
   * @throws KernelException naming the leaf
   */
  static void argument(Map<String, Tensor> leaves) {
    leaves.forEach(
        (path, t) -> {
          if (hasNan(t)) {
            throw new KernelException(
                "the argument" + (path.isEmpty() ? "" : " " + path) + " has NaN", null);
          }
        });
  }

  /**
   * Requires an operation to have made no NaN or infinity.
   *
   * @throws KernelException naming the operation and its place
   */
  static void results(Op op, Object[] args, List<Value> results, Node.Where where) {
    for (Value result : results) {
      boolean nan = hasNan(result) && !any(args, Finite::hasNan);
      boolean infinite = !nan && hasInfinity(result) && !any(args, Finite::isOrHasInfinity);
      if (nan || infinite) {
        throw KernelException.at(
            where, op.name() + " made the first " + (nan ? "NaN" : "infinity"), null);
      }
    }
  }

  private interface Test {
    boolean of(Object arg);
  }

  private static boolean any(Object arg, Test test) {
    if (arg instanceof Object[] args) {
      return any(List.of(args), test);
    }
    if (arg instanceof List<?> list) {
      return list.stream().anyMatch(a -> any(a, test));
    }
    return arg instanceof Op.Keyword k ? any(k.value(), test) : test.of(arg);
  }

  private static boolean hasNan(Object arg) {
    return arg instanceof Double d ? d.isNaN() : arg instanceof Value v && holds(v, x -> x.ne(x));
  }

  private static boolean isOrHasInfinity(Object arg) {
    return arg instanceof Double d ? d.isInfinite() : hasInfinity(arg) || hasNan(arg);
  }

  private static boolean hasInfinity(Object arg) {
    return arg instanceof Value v && holds(v, x -> x.abs().eq(Double.POSITIVE_INFINITY));
  }

  private interface Condition {
    Tensor of(Tensor x);
  }

  private static boolean holds(Value v, Condition condition) {
    if (!v.dtype().isFloating() || Shapes.product(v.shape()).is(0)) {
      return false;
    }
    return with(false, () -> Scope.tidy(() -> condition.of(v).to(DType.INT64).amax().item() > 0));
  }
}
