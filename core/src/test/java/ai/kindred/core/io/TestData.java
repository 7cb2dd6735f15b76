package ai.kindred.core.io;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the test data that is not part of the project; tests without it are skipped. */
final class TestData {
  private TestData() {}

  /** A path under the data folder. */
  static Path data(String path) {
    return require(root().resolve(path));
  }

  /** A path under the data folder's sibling {@code golden}. */
  static Path golden(String path) {
    return require(root().resolveSibling("golden").resolve(path));
  }

  private static Path root() {
    return Path.of(System.getProperty("kindred.data", "")).toAbsolutePath().normalize();
  }

  private static Path require(Path path) {
    assumeTrue(Files.exists(path), () -> path + " is absent (set -Dkindred.data=FOLDER)");
    return path;
  }
}
