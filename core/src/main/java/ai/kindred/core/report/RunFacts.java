package ai.kindred.core.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code run.json} says: who, when, with what.
 *
 * @param command the command line or program
 * @param seed the seed of every random key
 * @param started when, in UTC, as ISO 8601
 * @param ended when it ended the last time; null while it runs
 * @param resumes how often it was taken up again
 * @param versions name to version
 * @param git the checkout it was started in; null outside of one
 * @param data files it read, with checksums
 */
public record RunFacts(
    String command,
    long seed,
    RunStatus status,
    String started,
    @Nullable String ended,
    int resumes,
    Map<String, String> versions,
    @Nullable GitState git,
    List<DataFile> data) {

  /** Checks and copies. */
  public RunFacts {
    if (command.isBlank()) {
      throw new IllegalArgumentException("the command of a run is blank");
    }
    Instant.parse(started);
    if (ended != null) {
      Instant.parse(ended);
    }
    Objects.requireNonNull(status, "status");
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    data = List.copyOf(data);
  }

  /** Where figures of this run come from. */
  public Origin origin() {
    return new Origin(command, seed);
  }

  RunFacts with(RunStatus newStatus, @Nullable String newEnd, int newResumes) {
    return new RunFacts(command, seed, newStatus, started, newEnd, newResumes, versions, git, data);
  }

  /** The facts as lines for people. */
  Map<String, String> shown() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("Status", status + (resumes > 0 ? ", resumes: " + resumes : ""));
    lines.put("Started", started);
    if (ended != null) {
      Duration took = Duration.between(Instant.parse(started), Instant.parse(ended));
      lines.put("Ended", ended + " (" + Durations.words(took) + ")");
    }
    StringBuilder software = new StringBuilder();
    versions.forEach(
        (name, version) -> software.append(name).append(' ').append(version).append('\n'));
    lines.put("Versions", software.toString().strip());
    if (git != null) {
      lines.put("Commit", git.toString());
    }
    if (!data.isEmpty()) {
      StringBuilder files = new StringBuilder();
      int shown = Math.min(20, data.size());
      for (DataFile file : data.subList(0, shown)) {
        files
            .append(file.name())
            .append(", sha256 ")
            .append(file.sha256(), 0, Math.min(12, file.sha256().length()))
            .append('\n');
      }
      if (shown < data.size()) {
        files.append("and ").append(data.size() - shown).append(" more in run.json");
      }
      lines.put("Data", files.toString().strip());
    }
    return lines;
  }
}
