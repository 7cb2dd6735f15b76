package ai.kindred.core.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file that a run read.
 *
 * @param name as the run named it
 * @param bytes size
 * @param sha256 of the content, 64 hexadecimal digits
 */
public record DataFile(String name, long bytes, String sha256) {

  /**
   * The files of some paths; a folder stands for all files below it, in the order of their names.
   *
   * @throws IOException if one cannot be read
   */
  public static List<DataFile> of(List<Path> paths) throws IOException {
    List<DataFile> files = new ArrayList<>();
    for (Path path : paths) {
      try (Stream<Path> below = Files.walk(path)) {
        for (Path file : below.filter(Files::isRegularFile).sorted().toList()) {
          files.add(of(file));
        }
      }
    }
    return files;
  }

  private static DataFile of(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        bytes += n;
      }
    }
    String name = file.toString().replace('\\', '/');
    return new DataFile(name, bytes, HexFormat.of().formatHex(digest.digest()));
  }
}
