package ai.kindred.examples.multitask;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Where a run goes that was not told where. */
public final class RunFolder {

  private RunFolder() {}

  /** A folder below {@code runs} that is not there yet, called after a job and the time. */
  public static Path fresh(String job) {
    DateTimeFormatter time = DateTimeFormatter.ofPattern("-yyyyMMdd-HHmmss");
    String name = job + LocalDateTime.now(ZoneId.systemDefault()).format(time);
    Path folder = Path.of("runs", name);
    for (int i = 2; Files.exists(folder); i++) {
      folder = Path.of("runs", name + "-" + i);
    }
    return folder;
  }
}
