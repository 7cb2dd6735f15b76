package ai.kindred.core.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A kernel could not be traced, loaded or run; the message names the operation and the Java line
 * that made it.
 */
public final class KernelException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KernelException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A failure at a place of the user's code. */
  static KernelException at(Node.Where where, String message, @Nullable Throwable cause) {
    return new KernelException(message + " (" + where + ")", cause);
  }
}
