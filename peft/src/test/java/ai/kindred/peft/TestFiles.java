package ai.kindred.peft;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.config.Json;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the data folder and of its sibling with golden values; tests skip where absent. */
final class TestFiles {

  private TestFiles() {}

  static Path golden(String name) {
    return existing(root().resolveSibling("golden").resolve(name));
  }

  static JsonNode json(Path file) throws IOException {
    return Json.read(existing(file), Json.Limits.CONFIG);
  }

  static LanguageModel stories() throws IOException {
    return LanguageModel.load(storiesFolder(), Precision.FLOAT32);
  }

  static Path storiesFolder() {
    return existing(root().resolve("stories260K/hf-converted"));
  }

  private static Path root() {
    return Path.of(System.getProperty("kindred.data", "no-kindred-data")).normalize();
  }

  private static Path existing(Path path) {
    assumeTrue(Files.exists(path), () -> "skipped: no " + path + " (set -Dkindred.data)");
    return path;
  }
}
