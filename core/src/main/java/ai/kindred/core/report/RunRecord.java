package ai.kindred.core.report;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.Json;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.train.Event;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run as it was written down.
 *
 * @param facts seed, versions, data, status
 * @param config what it was asked to do
 * @param events in order; where a run was resumed from a step, the events past that step from
 *     before are left out, since the run did those steps again
 * @param results what came out; null as long as nothing did
 */
public record RunRecord(
    RunFacts facts, JsonNode config, List<RecordedEvent> events, @Nullable JsonNode results) {

  /** The kind of the event that marks a resumption. */
  static final String RESUME = "resume";

  /** Copies. */
  public RunRecord {
    events = List.copyOf(events);
  }

  /**
   * Reads a run folder, also of a run at work or killed.
   *
   * @throws IOException if a file is missing or malformed; the message names the file and the line
   */
  public static RunRecord read(Path folder) throws IOException {
    Path results = folder.resolve(RunFiles.RESULTS);
    return new RunRecord(
        RunFiles.read(folder.resolve(RunFiles.RUN), RunFacts.class),
        Json.read(folder.resolve(RunFiles.CONFIG), Json.Limits.CONFIG),
        effective(RunFiles.events(folder.resolve(RunFiles.EVENTS))),
        Files.exists(results) ? Json.read(results, Json.Limits.LARGE) : null);
  }

  private static List<RecordedEvent> effective(List<RecordedEvent> all) {
    List<RecordedEvent> kept = new ArrayList<>();
    for (RecordedEvent recorded : all) {
      Event event = recorded.event();
      if (event.kind().equals(RESUME)) {
        kept.removeIf(earlier -> earlier.event().step() > event.step());
      }
      kept.add(recorded);
    }
    return kept;
  }

  /**
   * What the run was asked to do, as the record it was.
   *
   * @throws IOException if the config does not fit the type; the message names the fields
   */
  public <T extends Record> T config(Class<T> type) throws IOException {
    return Configs.of(type, config, RunFiles.CONFIG);
  }

  /**
   * What is different in another run, one line a difference: to run a record again and see whether
   * it came out the same. Times, events and statuses are left out.
   */
  public List<String> differences(RunRecord other) {
    return RunDifferences.between(this, other);
  }

  /** The events of a kind. */
  public List<Event> events(String kind) {
    return events.stream().map(RecordedEvent::event).filter(e -> e.kind().equals(kind)).toList();
  }

  /** A number over steps, from the events of a kind that have it. */
  public Plot.Curve curve(String kind, String number) {
    return CurveObserver.curve(events(kind), number);
  }

  /**
   * The events of a kind as CSV: step, time, then every value that one of them has.
   *
   * @throws IOException if the file cannot be written
   */
  public void writeCsv(String kind, Path file) throws IOException {
    List<RecordedEvent> chosen =
        events.stream().filter(e -> e.event().kind().equals(kind)).toList();
    Set<String> names = new LinkedHashSet<>();
    chosen.forEach(e -> names.addAll(e.event().values().keySet()));
    List<String> header = new ArrayList<>(List.of("step", "time"));
    header.addAll(names);
    StringBuilder csv = new StringBuilder(MarkupTable.csvLine(header));
    for (RecordedEvent recorded : chosen) {
      List<String> fields = new ArrayList<>();
      fields.add(String.valueOf(recorded.event().step()));
      fields.add(recorded.time().toString());
      for (String name : names) {
        Optional<Object> value = Optional.ofNullable(recorded.event().values().get(name));
        fields.add(value.map(Object::toString).orElse(""));
      }
      csv.append(MarkupTable.csvLine(fields));
    }
    AtomicFiles.writeString(file, csv.toString());
  }
}
