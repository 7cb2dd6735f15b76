package ai.kindred.core.kernel;

import java.util.function.Supplier;

/** The path of the model's part that is running on this thread, for errors. */
final class ModulePath {

  private static final ThreadLocal<String> CURRENT = ThreadLocal.withInitial(() -> "");

  private ModulePath() {}

  static String current() {
    return CURRENT.get();
  }

  /** Runs {@code body} in the part {@code name} of the present part. */
  static <T> T within(String name, Supplier<T> body) {
    String outer = CURRENT.get();
    CURRENT.set(outer.isEmpty() ? name : outer + "." + name);
    try {
      return body.get();
    } finally {
      CURRENT.set(outer);
    }
  }
}
