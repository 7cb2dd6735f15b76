package ai.kindred.examples.adapters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Results of trials in a file, one JSON line each, written as they come. */
final class TrialLog {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LARGEST = 1L << 30;

  private final Path file;
  private final List<TrialResult> results;

  private TrialLog(Path file, List<TrialResult> results) {
    this.file = file;
    this.results = results;
  }

  /**
   * The log of a run; a last line that a kill cut short is taken away.
   *
   * @throws IOException if another line is not a result; the message names it
   */
  static TrialLog open(Path file) throws IOException {
    List<TrialResult> results = new ArrayList<>();
    if (Files.exists(file)) {
      if (Files.size(file) > LARGEST) {
        throw new IOException(file + " has more than the " + LARGEST + " bytes allowed");
      }
      String text = Files.readString(file);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      for (String line : whole.lines().toList()) {
        try {
          results.add(JSON.readValue(line, TrialResult.class));
        } catch (JsonProcessingException e) {
          throw new IOException(
              "%s, line %d is not a trial's result: %s"
                  .formatted(file, results.size() + 1, e.getOriginalMessage()),
              e);
        }
      }
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        open.setLength(whole.getBytes(StandardCharsets.UTF_8).length);
      }
    }
    return new TrialLog(file, results);
  }

  /** The result of a trial, if it was made. */
  Optional<TrialResult> find(String id) {
    return results.stream().filter(r -> r.id().equals(id)).findFirst();
  }

  /** Results in the order in which they were made. */
  List<TrialResult> results() {
    return List.copyOf(results);
  }

  /** Adds a result and hands it to the disk; the old lines are unharmed if that fails. */
  void add(TrialResult result) throws IOException {
    byte[] line = (JSON.writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
      long end = log.length();
      try {
        log.seek(end);
        log.write(line);
        log.getFD().sync();
      } catch (IOException e) {
        log.setLength(end);
        throw new IOException("could not write " + file + ": " + e.getMessage(), e);
      }
    }
    results.add(result);
  }
}
