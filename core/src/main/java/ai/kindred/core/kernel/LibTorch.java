package ai.kindred.core.kernel;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The process's one libtorch: root of all native memory, and the settings that libtorch keeps for
 * each thread.
 */
final class LibTorch {

  private static final NDManager ROOT = NDManager.newBaseManager("PyTorch");
  private static final Set<Scope> SCOPES = ConcurrentHashMap.newKeySet();
  private static final Scope PROCESS = Scope.detached();

  /** Gradient mode and the profiling executor are per thread: set once in each that calls. */
  private static final ThreadLocal<Boolean> READY =
      ThreadLocal.withInitial(
          () -> {
            JniUtils.setGraphExecutorOptimize(false);
            JniUtils.setGradMode(true);
            return true;
          });

  private LibTorch() {}

  static NDManager root() {
    return ROOT;
  }

  static Scope process() {
    return PROCESS;
  }

  static void opened(Scope scope) {
    SCOPES.add(scope);
  }

  static void closed(Scope scope) {
    SCOPES.remove(scope);
  }

  static Stream<Scope> scopes() {
    return SCOPES.stream();
  }

  static void readyThread() {
    READY.get();
  }
}
