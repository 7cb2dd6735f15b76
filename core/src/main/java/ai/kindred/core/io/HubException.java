package ai.kindred.core.io;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A failed request, and whether trying again can help. */
final class HubException extends IOException {

  private static final long serialVersionUID = 1;
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);

  private final boolean transientFailure;
  private final boolean progressed;
  private final Duration asked;

  HubException(String message, boolean transientFailure) {
    this(message, transientFailure, false, Duration.ZERO, null);
  }

  HubException(
      String message,
      boolean transientFailure,
      boolean progressed,
      Duration asked,
      @Nullable Throwable cause) {
    super(message, cause);
    this.transientFailure = transientFailure;
    this.progressed = progressed;
    this.asked = asked;
  }

  boolean transientFailure() {
    return transientFailure;
  }

  /** Whether the attempt brought enough that it was worth it. */
  boolean progressed() {
    return progressed;
  }

  /** The longer of our own wait and the server's, within reason. */
  Duration wait(Duration backoff) {
    Duration wait = asked.compareTo(backoff) > 0 ? asked : backoff;
    return wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
  }
}
