package ai.kindred.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Markdown page of this repository. */
record Page(String name, List<String> lines) {

  /**
   * A fenced block.
   *
   * @param language the word after the fence
   * @param line of the page where its code begins, from 1
   * @param given what stands in an HTML comment {@code <!-- given: .. -->} right before it
   */
  record Block(String page, String language, int line, String given, String code) {

    @Override
    public String toString() {
      return page + ":" + line;
    }
  }

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final String GIVEN = "<!-- given:";

  /** The pages that people read. */
  static List<Page> all() {
    Path root = Path.of("").toAbsolutePath().getParent();
    try (Stream<Path> top = Files.list(root);
        Stream<Path> below = Files.list(root.resolve("docs/pages"))) {
      return Stream.of(top, below, Stream.of(root.resolve("tiny/README.md")))
          .flatMap(s -> s)
          .filter(p -> p.toString().endsWith(".md"))
          .sorted()
          .map(p -> read(root, p))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Page read(Path root, Path file) {
    try {
      return new Page(root.relativize(file).toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The fenced blocks of a language. */
  List<Block> blocks(String language) {
    List<Block> blocks = new ArrayList<>();
    StringBuilder given = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(GIVEN)) {
        given.setLength(0);
        for (boolean open = true; open; i++) {
          given.append(lines.get(i).replace(GIVEN, "").replace("-->", "")).append('\n');
          open = !lines.get(i).contains("-->");
        }
        i--;
      } else if (line.startsWith("```")) {
        int first = i + 1;
        for (i++; !lines.get(i).startsWith("```"); i++) {}
        if (line.substring(3).strip().equals(language)) {
          String code = String.join("\n", lines.subList(first, i));
          blocks.add(new Block(name, language, first + 1, given.toString(), code));
        }
        given.setLength(0);
      } else if (!line.isBlank()) {
        given.setLength(0);
      }
    }
    return blocks;
  }

  /** Code within text. */
  List<String> inlineCode() {
    List<String> found = new ArrayList<>();
    boolean fenced = false;
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced) {
        text.append(line).append('\n');
      }
    }
    Matcher m = CODE.matcher(text);
    while (m.find()) {
      found.add(m.group(1).replace('\n', ' '));
    }
    return found;
  }
}
