package ai.kindred.core.train;

import ai.kindred.core.config.Configs;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The saved states of one run: a folder of files {@code step-NNN.safetensors}, the last few kept.
 * Training keeps its checkpoints so; any loop whose state is a tree can.
 */
public final class Snapshots {

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final Pattern NAME = Pattern.compile("step-\\d{12}\\.safetensors");
  private static final Pattern LEFTOVER =
      Pattern.compile("\\.step-\\d{12}\\.safetensors\\.part\\d+");

  private final Path folder;
  private final int keep;
  private final JsonNode config;
  private final Set<String> free;

  /**
   * The snapshots of a run.
   *
   * @param folder need not exist
   * @param keep how many of the newest stay, at least 1
   * @param config what the run is made with; a snapshot made with another is not resumed
   * @param free paths in the config, such as {@code training.steps}, that may differ
   */
  public Snapshots(Path folder, int keep, JsonNode config, Set<String> free) {
    this.folder = folder;
    this.keep = keep;
    this.config = config;
    this.free = Set.copyOf(free);
  }

  /**
   * The newest whole snapshot of this run, or null where the folder has none.
   *
   * @throws TrainingException where it is of another run, or all are damaged
   */
  public @Nullable Snapshot latest() {
    Snapshot opened = newest(folder);
    if (opened != null) {
      requireSame(opened);
    }
    return opened;
  }

  /**
   * The newest whole snapshot of any run, or null where the folder has none. Damaged ones are
   * passed over with a warning.
   *
   * @throws TrainingException where all are damaged
   */
  public static @Nullable Snapshot newest(Path folder) {
    @Nullable String damage = null;
    try {
      for (Path file : newestFirst(folder, NAME)) {
        try {
          return Snapshot.open(file);
        } catch (IOException e) {
          LOG.warn("passing over a checkpoint that cannot be used: {}", e.getMessage());
          damage = damage == null ? e.getMessage() : damage;
        }
      }
    } catch (IOException e) {
      throw new TrainingException("cannot read the checkpoints in " + folder + ": " + e, e);
    }
    if (damage != null) {
      throw new TrainingException(
          "no checkpoint in "
              + folder
              + " can be used: "
              + damage
              + "; delete the folder to start again from the first step");
    }
    return null;
  }

  private void requireSame(Snapshot opened) {
    List<String> differences = new ArrayList<>();
    compare("", opened.config(), config, differences);
    if (!differences.isEmpty()) {
      throw new TrainingException(
          opened.file()
              + " is a checkpoint of another run: "
              + String.join("; ", differences)
              + "; resume with the old settings, or give another folder");
    }
  }

  private void compare(
      String path, @Nullable JsonNode there, @Nullable JsonNode here, List<String> differences) {
    if (there != null && here != null && there.isObject() && here.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      there.fieldNames().forEachRemaining(names::add);
      here.fieldNames().forEachRemaining(names::add);
      Iterator<String> each = names.iterator();
      each.forEachRemaining(
          name ->
              compare(
                  path.isEmpty() ? name : path + "." + name,
                  there.get(name),
                  here.get(name),
                  differences));
    } else if (!free.contains(path) && !words(there).equals(words(here))) {
      differences.add("%s is %s there and %s here".formatted(path, words(there), words(here)));
    }
  }

  /** A value as it is shown and compared: numbers read back from JSON may have another class. */
  private static String words(@Nullable JsonNode node) {
    if (node == null) {
      return "absent";
    }
    return node.isFloatingPointNumber() ? Double.toString(node.doubleValue()) : node.toString();
  }

  /**
   * Writes a snapshot, whole or not at all, and removes those that are too many.
   *
   * @param step taken so far
   * @param tree the state
   * @param facts a record of numbers that belong to it
   */
  public Path save(long step, Object tree, Record facts) throws IOException {
    Path file = folder.resolve(String.format(Locale.ROOT, "step-%012d.safetensors", step));
    Snapshot.write(file, new Snapshot.Manifest(step, config, Configs.toTree(facts)), tree);
    List<Path> files = newestFirst(folder, NAME);
    for (Path old : files.subList(Math.min(keep, files.size()), files.size())) {
      Files.deleteIfExists(old);
    }
    for (Path leftover : newestFirst(folder, LEFTOVER)) {
      Files.deleteIfExists(leftover);
    }
    return file;
  }

  private static List<Path> newestFirst(Path folder, Pattern name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> chosen =
          new ArrayList<>(
              files.filter(f -> name.matcher(f.getFileName().toString()).matches()).toList());
      chosen.sort((a, b) -> b.getFileName().toString().compareTo(a.getFileName().toString()));
      return chosen;
    }
  }
}
