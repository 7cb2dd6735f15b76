package ai.kindred.tiny;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The bundled language model, unpacked where programs can read it as a Hugging Face folder. */
public final class KindredTiny {

  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json",
          "README.md");

  private KindredTiny() {}

  /**
   * The model's folder: in the user's cache ({@code XDG_CACHE_HOME}, else {@code ~/.cache}), or
   * below the system's folder for temporary files where that cannot be written. It is unpacked the
   * first time and named after its content, so an old one is never taken for a new one.
   *
   * @throws IOException if it can be written to neither
   */
  public static Path folder() throws IOException {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path home =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".cache")
            : Path.of(cache);
    try {
      return folder(home.resolve("kindred"));
    } catch (FileSystemException e) {
      String user = System.getProperty("user.name", "user");
      Path other = Path.of(System.getProperty("java.io.tmpdir", "."), "kindred-" + user);
      try {
        return folder(other);
      } catch (IOException also) {
        also.addSuppressed(e);
        throw also;
      }
    }
  }

  /**
   * The model's folder below another.
   *
   * @param cache made where it is missing
   * @throws IOException if it cannot be written
   */
  public static Path folder(Path cache) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : FILES) {
      files.put(name, read(name));
    }
    Path folder = cache.resolve("kindred-tiny-" + digest(files));
    if (holds(folder, files)) {
      return folder;
    }
    Files.createDirectories(cache);
    Path part = Files.createTempDirectory(cache, ".kindred-tiny");
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(part.resolve(file.getKey()), file.getValue());
      }
      put(part, folder, files);
    } finally {
      delete(part);
    }
    return folder;
  }

  /** Moves the whole folder to its place, where another process may have been faster. */
  private static void put(Path part, Path folder, Map<String, byte[]> files) throws IOException {
    if (Files.exists(folder)) {
      // Damaged: each file is replaced as a whole, since readers may have the others open.
      for (String name : files.keySet()) {
        Files.move(
            part.resolve(name),
            folder.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      return;
    }
    try {
      Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!holds(folder, files)) {
        throw e;
      }
    }
  }

  /** Whether a folder has all files, byte for byte. */
  private static boolean holds(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (!Files.isRegularFile(path)
          || Files.size(path) != file.getValue().length
          || !MessageDigest.isEqual(Files.readAllBytes(path), file.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = KindredTiny.class.getResourceAsStream("model/" + name)) {
      if (in == null) {
        throw new FileNotFoundException("the jar lacks ai/kindred/tiny/model/" + name);
      }
      return in.readAllBytes();
    }
  }

  private static String digest(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.values().forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
