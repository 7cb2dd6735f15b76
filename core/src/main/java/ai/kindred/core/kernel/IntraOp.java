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
   * Makes this thread, which works beside others, use one thread inside each operation from now on.
   * The setting is libtorch's for the whole process too until {@link #single} ends.
   */
  public static void singleFromNowOn() {
    LibTorch.readyThread();
    if (JniUtils.getNumThreads() != 1) {
      JniUtils.setNumThreads(1);
    }
  }

  /**
   * Runs {@code body}, which waits for threads that call {@link #singleFromNowOn}, with one thread
   * inside each operation; what was before is set again at its end.
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
