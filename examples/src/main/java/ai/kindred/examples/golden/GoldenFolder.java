package ai.kindred.examples.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The golden cases of a folder.
 *
 * @param cases what can be run, by name
 * @param unknown files and folders that no case reads
 */
record GoldenFolder(List<GoldenCase> cases, List<String> unknown) {

  /**
   * The cases of {@code golden}; models and texts that they name are in {@code data}.
   *
   * @throws IOException if the folder cannot be listed
   */
  static GoldenFolder read(Path golden, Path data) throws IOException {
    List<Path> entries;
    try (Stream<Path> files = Files.list(golden)) {
      entries = files.sorted().toList();
    }
    List<GoldenCase> cases = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (Path entry : entries) {
      String name = String.valueOf(entry.getFileName());
      if (name.equals("rouge.json")) {
        cases.add(new RougeCase(name, entry));
      } else if (name.equals("stories260K-logits.json")) {
        cases.add(new LogitsCase(name, entry, data.resolve("stories260K/hf-converted"), 2e-4));
      } else if (name.equals("smollm2-logits.json")) {
        cases.add(new SmolLm2Case(name, entry, data.resolve("smollm2-135m-instruct")));
      } else if (name.startsWith("tiny-")) {
        cases.add(new LogitsCase(name, entry.resolve("case.json"), entry, 1e-3));
      } else if (name.startsWith("lora-")) {
        cases.add(new LoraCase(name, entry, data));
      } else if (!name.equals("README.md")) {
        unknown.add(name);
      }
    }
    return new GoldenFolder(cases, unknown);
  }
}
