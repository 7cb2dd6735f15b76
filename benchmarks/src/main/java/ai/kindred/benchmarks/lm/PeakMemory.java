package ai.kindred.benchmarks.lm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident size of this process, as the operating system counts it. */
public final class PeakMemory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private PeakMemory() {}

  /** The largest so far, in megabytes, or NaN where the system does not tell. */
  public static double megabytes() throws IOException {
    return megabytes("VmHWM:");
  }

  /** What it is now, in megabytes, or NaN where the system does not tell. */
  public static double residentMegabytes() throws IOException {
    return megabytes("VmRSS:");
  }

  private static double megabytes(String which) throws IOException {
    if (!Files.isReadable(STATUS)) {
      return Double.NaN;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(which)) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return Double.NaN;
  }
}
