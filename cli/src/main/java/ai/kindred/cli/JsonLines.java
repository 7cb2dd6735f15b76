package ai.kindred.cli;

import ai.kindred.core.config.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads JSON Lines: one document a line, blank lines skipped, errors with file and line number. */
public final class JsonLines {

  private JsonLines() {}

  /** What is done with a line. */
  public interface Handler {
    /** One document; {@code source} is {@code FILE:LINE}, to name it in errors. */
    void accept(JsonNode document, String source) throws IOException;
  }

  /**
   * Hands every line to a handler as it is read; {@code -} is standard input.
   *
   * @throws IOException if the file cannot be read, or a line is not JSON or above 16 MiB; the
   *     lines before it have been handed over
   */
  public static void forEach(Path file, Handler handler) throws IOException {
    boolean standardInput = file.toString().equals("-");
    String name = standardInput ? "standard input" : file.toString();
    try (InputStream in =
        new BufferedInputStream(standardInput ? System.in : Files.newInputStream(file), 1 << 16)) {
      read(in, name, handler);
    }
  }

  private static void read(InputStream in, String name, Handler handler) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int number = 1;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b != '\n') {
        line.write(b);
        // One byte above the limit is enough for the parser to refuse it.
        if (line.size() > Json.Limits.CONFIG.bytes()) {
          break;
        }
        continue;
      }
      document(line, name + ":" + number, handler);
      line.reset();
      number++;
    }
    document(line, name + ":" + number, handler);
  }

  private static void document(ByteArrayOutputStream line, String source, Handler handler)
      throws IOException {
    byte[] bytes = line.toByteArray();
    if (!isBlank(bytes)) {
      handler.accept(Json.parse(bytes, source, Json.Limits.CONFIG), source);
    }
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
