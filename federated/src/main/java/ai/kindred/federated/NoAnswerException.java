package ai.kindred.federated;

import java.io.Serial;

/** A round to which no client gave a usable answer; the message says why. */
public final class NoAnswerException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  NoAnswerException(String message) {
    super(message);
  }
}
