package ai.kindred.core.kernel;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * How many threads libtorch uses inside one operation. Two threads make small operations slower
 * than one, and sums of large ones come out differently: work that is spread over many Java threads
 * runs with one inside each.
 */
public final class IntraOp {

  private IntraOp() {}

  /**
   * Runs {@code body} with one thread inside each operation of this thread. Meanwhile threads that
   * begin to use libtorch take up the same setting.
   */
  public static <T> T single(Supplier<T> body) {
    LibTorch.readyThread();
    int before = JniUtils.getNumThreads();
    if (before == 1) {
      return body.get();
    }
    JniUtils.setNumThreads(1);
    try {
      return body.get();
    } finally {
      JniUtils.setNumThreads(before);
    }
  }
}
