package ai.kindred.core.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody watches. */
final class Terminal {
  private Terminal() {}

  /** Java knows only whether both standard input and output are terminals; Linux tells more. */
  @SuppressWarnings(
      "SystemConsoleNull") // from JDK 22 on a wrong yes, off Linux, draws a bar into a log
  static boolean isStandardError() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path link = Path.of("/proc/self/fd/2");
    if (!Files.isSymbolicLink(link)) {
      return System.console() != null;
    }
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
