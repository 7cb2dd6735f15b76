package ai.kindred.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What a failure says in one message: the JDK's terse file errors put into words. */
final class ErrorMessage {

  private ErrorMessage() {}

  static String of(Throwable failure) {
    Throwable cause = failure.getCause();
    if (cause != null && isWrapper(failure)) {
      return of(cause);
    }
    if (failure instanceof NoSuchFileException e) {
      return "no such file or folder: " + e.getFile();
    }
    if (failure instanceof AccessDeniedException e) {
      return "access denied: " + e.getFile();
    }
    if (failure instanceof FileAlreadyExistsException e && e.getReason() == null) {
      return "exists already: " + e.getFile();
    }
    if (failure instanceof FileSystemException e && e.getReason() == null) {
      return kind(e) + ": " + e.getFile();
    }
    if (failure instanceof OutOfMemoryError) {
      return "out of memory ("
          + failure.getMessage()
          + "); for a larger Java heap set KINDRED_JAVA_OPTS=-Xmx4g";
    }
    String message = messageOf(failure);
    boolean surprising = message == null || isBug(failure);
    return (message == null ? kind(failure) : surprising ? kind(failure) + ": " + message : message)
        + (surprising ? " (--stacktrace shows where)" : "");
  }

  private static boolean isWrapper(Throwable failure) {
    return failure instanceof UncheckedIOException
        || failure instanceof ExecutionException
        || failure instanceof CompletionException;
  }

  /** Exceptions that tell of our mistake rather than of the user's input. */
  private static boolean isBug(Throwable failure) {
    return failure instanceof NullPointerException
        || failure instanceof ClassCastException
        || failure instanceof IndexOutOfBoundsException
        || failure instanceof Error;
  }

  private static @Nullable String messageOf(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? null : message.strip();
  }

  private static String kind(Throwable failure) {
    return failure.getClass().getSimpleName();
  }
}
