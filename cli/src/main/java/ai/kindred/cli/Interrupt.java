package ai.kindred.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C as Java's own interruption: the command's thread is interrupted and has some time to stop
 * cleanly (finish a native call, write a checkpoint) before the JVM ends with the signal's code,
 * 130.
 */
final class Interrupt {

  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean requested;

  /** Ties Ctrl-C to the calling thread. */
  static Interrupt install() {
    Interrupt interrupt = new Interrupt();
    Thread command = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> interrupt.stop(command), "kindred-interrupt"));
    return interrupt;
  }

  /** Whether Ctrl-C has come. */
  boolean requested() {
    return requested;
  }

  /** The command has ended: nothing is left to wait for. */
  void finished() {
    done.countDown();
  }

  private void stop(Thread command) {
    if (done.getCount() == 0) {
      return;
    }
    requested = true;
    command.interrupt();
    try {
      if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        // Still in a native call: libtorch torn down under it would end in a crash report instead
        // of an exit code.
        Runtime.getRuntime().halt(Kindred.INTERRUPTED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
