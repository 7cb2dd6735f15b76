package ai.kindred.reliability.campaign;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Results of trials in a file, a line each with tabs between, written as they come. */
public final class TrialLog {

  static final String HEAD =
      "network\tstrategy\ttraining\trate\tseed\tvalue\tbits\tflipped\tcorrected\tdetected\tsilent\twrong";

  private static final long LARGEST = 1L << 28;
  private static final int FIELDS = 12;

  private final Path file;
  private final Map<Trial, TrialResult> results = new LinkedHashMap<>();

  private TrialLog(Path file) {
    this.file = file;
  }

  /**
   * The log in a file, which is made where it does not exist. A last line that a kill cut short is
   * taken away.
   *
   * @throws IOException where another line is not a result, naming it
   */
  public static TrialLog open(Path file) throws IOException {
    TrialLog log = new TrialLog(file);
    if (!Files.exists(file) || Files.size(file) == 0) {
      log.append(HEAD);
      return log;
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException(file + " has more than the " + LARGEST + " bytes allowed");
    }
    String text = Files.readString(file);
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    int number = 0;
    for (String line : whole.lines().toList()) {
      number++;
      if (number == 1) {
        if (!line.equals(HEAD)) {
          throw new IOException(file + ": a log of trials starts with the line `" + HEAD + "`");
        }
      } else {
        TrialResult result = log.parse(line, number);
        log.results.put(result.trial(), result);
      }
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(whole.getBytes(StandardCharsets.UTF_8).length);
    }
    if (whole.isEmpty()) {
      log.append(HEAD);
    }
    return log;
  }

  private TrialResult parse(String line, int number) throws IOException {
    String[] f = line.split("\t", -1);
    try {
      if (f.length != FIELDS) {
        throw new IllegalArgumentException(f.length + " fields in place of " + FIELDS);
      }
      Trial trial =
          new Trial(
              f[0], f[1], Integer.parseInt(f[2]), Double.parseDouble(f[3]), Long.parseLong(f[4]));
      double value = Double.parseDouble(f[5]);
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a value of " + value);
      }
      long[] n = new long[6];
      for (int i = 0; i < n.length; i++) {
        n[i] = Long.parseLong(f[6 + i]);
      }
      return new TrialResult(trial, value, n[0], n[1], n[2], n[3], n[4], n[5]);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s:%d: not the result of a trial: %s".formatted(file, number, e.getMessage()), e);
    }
  }

  /** The result of a trial, if it was made. */
  public synchronized Optional<TrialResult> find(Trial trial) {
    return Optional.ofNullable(results.get(trial));
  }

  /** How many results there are. */
  public synchronized int size() {
    return results.size();
  }

  /** Adds a result; safe from several threads. */
  synchronized void add(TrialResult r) throws IOException {
    Trial t = r.trial();
    append(
        String.join(
            "\t",
            t.network(),
            t.strategy(),
            String.valueOf(t.training()),
            String.valueOf(t.rate()),
            String.valueOf(t.seed()),
            String.valueOf(r.value()),
            String.valueOf(r.bits()),
            String.valueOf(r.flipped()),
            String.valueOf(r.corrected()),
            String.valueOf(r.detected()),
            String.valueOf(r.silent()),
            String.valueOf(r.wrong())));
    results.put(t, r);
  }

  private void append(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    // Not a channel: an interrupted thread would find it closed.
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
      long end = log.length();
      try {
        log.seek(end);
        log.write(bytes);
      } catch (IOException e) {
        log.setLength(end); // half a line must not run into the next one
        throw new IOException("could not write " + file + ": " + e.getMessage(), e);
      }
    }
  }
}
