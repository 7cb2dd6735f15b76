package ai.kindred.core.lm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the data folder and of its sibling with golden values; tests skip where absent. */
final class TestFiles {
  private TestFiles() {}

  static Path data(String name) {
    return existing(root().resolve(name));
  }

  static Path golden(String name) {
    return existing(root().resolveSibling("golden").resolve(name));
  }

  private static Path root() {
    return Path.of(System.getProperty("kindred.data", "no-kindred-data")).normalize();
  }

  private static Path existing(Path path) {
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set -Dkindred.data)");
    return path;
  }
}
