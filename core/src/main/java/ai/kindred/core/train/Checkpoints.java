package ai.kindred.core.train;

import ai.kindred.core.config.Configs;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run: a folder of files {@code step-NNN.safetensors}, the last few kept.
 */
final class Checkpoints {

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final Pattern NAME = Pattern.compile("step-\\d{12}\\.safetensors");
  private static final Pattern LEFTOVER =
      Pattern.compile("\\.step-\\d{12}\\.safetensors\\.part\\d+");

  /** How long, and how often saved: a run may be resumed with other values of these. */
  private static final Set<String> FREE =
      Set.of("training.steps", "training.checkpoint_every", "training.keep_checkpoints");

  private final Path folder;
  private final int keep;
  private final JsonNode config;

  Checkpoints(Path folder, TrainingConfig training, Map<String, String> identity) {
    this.folder = folder;
    this.keep = training.keepCheckpoints();
    ObjectNode both = JsonNodeFactory.instance.objectNode();
    both.set("training", Configs.toTree(training));
    identity.forEach(both::put);
    this.config = both;
  }

  /**
   * The newest whole checkpoint of this run, or null where the folder has none.
   *
   * @throws TrainingException where it is of another run, or all are damaged
   */
  CheckpointFile.@Nullable Opened latest() {
    CheckpointFile.Opened opened = newest(folder);
    if (opened != null) {
      requireSame(opened);
    }
    return opened;
  }

  /**
   * The newest whole checkpoint of any run, or null where the folder has none. Damaged ones are
   * passed over with a warning.
   *
   * @throws TrainingException where all are damaged
   */
  static CheckpointFile.@Nullable Opened newest(Path folder) {
    @Nullable String damage = null;
    try {
      for (Path file : newestFirst(folder, NAME)) {
        try {
          return CheckpointFile.open(file);
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

  private void requireSame(CheckpointFile.Opened opened) {
    List<String> differences = new ArrayList<>();
    compare("", opened.manifest().config(), config, differences);
    if (!differences.isEmpty()) {
      throw new TrainingException(
          opened.file()
              + " is a checkpoint of another run: "
              + String.join("; ", differences)
              + "; resume with the old settings, or give another folder");
    }
  }

  private static void compare(
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
    } else if (!FREE.contains(path) && !words(there).equals(words(here))) {
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

  /** Writes a checkpoint and removes those that are too many. */
  Path save(Progress progress) throws IOException {
    Path file =
        folder.resolve(String.format(Locale.ROOT, "step-%012d.safetensors", progress.step()));
    CheckpointFile.write(file, progress, config);
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
