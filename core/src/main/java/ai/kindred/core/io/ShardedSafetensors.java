package ai.kindred.core.io;

import ai.kindred.core.config.Json;
import ai.kindred.core.config.JsonException;
import ai.kindred.core.config.Names;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Safetensors files beside an index ({@code model.safetensors.index.json}) whose {@code weight_map}
 * says which file holds each tensor. Opening reads every file's header, so that a missing file or
 * tensor is known at once. Tensors that the index does not name are not seen.
 */
public final class ShardedSafetensors implements TensorSource {
  private final Path index;
  private final Map<String, SafetensorsFile> fileOf;
  private final Map<String, SafetensorsFile> files;

  private ShardedSafetensors(
      Path index, Map<String, SafetensorsFile> fileOf, Map<String, SafetensorsFile> files) {
    this.index = index;
    this.fileOf = fileOf;
    this.files = files;
  }

  /**
   * Opens an index file and the files that it names, which must lie in the same folder.
   *
   * @throws MalformedFileException where the index or a file is broken, or files or tensors are
   *     missing; the message names them
   */
  public static ShardedSafetensors open(Path index) throws IOException {
    Map<String, String> weightMap = weightMap(index);
    Set<String> names = new TreeSet<>(weightMap.values());
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      if (!Files.isRegularFile(shard(index, name))) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      throw new MalformedFileException(
          index, "names " + names.size() + " files; missing are " + few(missing));
    }
    Map<String, SafetensorsFile> files = new LinkedHashMap<>();
    try {
      for (String name : names) {
        files.put(name, SafetensorsFile.open(shard(index, name)));
      }
      return new ShardedSafetensors(index, byTensor(index, weightMap, files), files);
    } catch (IOException | RuntimeException e) {
      closeAll(files, e);
      throw e;
    }
  }

  private static Map<String, String> weightMap(Path index) throws IOException {
    JsonNode root;
    try {
      root = Json.read(index, Json.Limits.CONFIG);
    } catch (JsonException e) {
      throw new MalformedFileException(e);
    }
    JsonNode node = root.get("weight_map");
    if (node == null || !node.isObject() || node.isEmpty()) {
      throw new MalformedFileException(
          index, "must have the object `weight_map`, from tensor names to file names");
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (var field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new MalformedFileException(
            index, "the file of `" + Names.printable(field.getKey()) + "` must be a string");
      }
      map.put(field.getKey(), field.getValue().textValue());
    }
    return map;
  }

  /** A file of an index lies in the index's own folder, and nowhere else. */
  private static Path shard(Path index, String name) throws MalformedFileException {
    boolean plain =
        name.endsWith(".safetensors")
            && name.length() <= 255
            && name.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\' || c == ':');
    try {
      if (plain) {
        return index.resolveSibling(name);
      }
    } catch (InvalidPathException e) {
      // Falls through to the same message.
    }
    throw new MalformedFileException(
        index,
        "names the file `"
            + Names.printable(name)
            + "`; it must be a plain file name that ends with .safetensors");
  }

  private static Map<String, SafetensorsFile> byTensor(
      Path index, Map<String, String> weightMap, Map<String, SafetensorsFile> files)
      throws MalformedFileException {
    Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    weightMap.forEach(
        (tensor, name) -> {
          SafetensorsFile file = files.get(name);
          if (file != null && file.names().contains(tensor)) {
            byTensor.put(tensor, file);
          } else {
            missing.add(tensor + " of " + name);
          }
        });
    if (!missing.isEmpty()) {
      throw new MalformedFileException(
          index, "names tensors that their files do not have: " + few(missing));
    }
    return byTensor;
  }

  private static String few(List<String> names) {
    List<String> shown = names.stream().limit(5).map(Names::printable).toList();
    String more = names.size() > 5 ? " and " + (names.size() - 5) + " more" : "";
    return String.join(", ", shown) + more;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(fileOf.keySet());
  }

  @Override
  public long[] shape(String name) throws IOException {
    return file(name).shape(name);
  }

  @Override
  public StoredTensor get(String name) throws IOException {
    return file(name).get(name);
  }

  private SafetensorsFile file(String name) throws MalformedFileException {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw Missing.tensor(index, name, fileOf.keySet());
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    IOException failure = new IOException("could not close the files of " + index);
    closeAll(files, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(Map<String, SafetensorsFile> files, Exception failure) {
    for (SafetensorsFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
