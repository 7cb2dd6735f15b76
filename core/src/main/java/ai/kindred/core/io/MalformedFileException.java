package ai.kindred.core.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file that breaks the rules of its format, or holds what cannot be read here. */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The message names the file and says what is wrong and what would be right. */
  public MalformedFileException(Path file, String reason) {
    super(file + ": " + reason);
  }

  MalformedFileException(Path file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }

  /** A cause whose message names the file already. */
  MalformedFileException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
