package ai.kindred.core.report;

import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.train.Event;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a run folder and how they are spelled. */
final class RunFiles {
  static final String CONFIG = "config.json";
  static final String RUN = "run.json";
  static final String EVENTS = "events.jsonl";
  static final String RESULTS = "results.json";

  /** Longest line of events.jsonl, in bytes. */
  static final int LONGEST_LINE = 1 << 20;

  private static final long LARGEST_DOCUMENT = 64L << 20;
  private static final long LARGEST_LOG = 512L << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final ObjectMapper LINES =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  static {
    JSON.getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build());
    LINES
        .getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(8).build());
  }

  private RunFiles() {}

  static void write(Path file, Object content) throws IOException {
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(content);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s cannot be written as JSON for %s: %s"
              .formatted(content.getClass(), file, e.getOriginalMessage()),
          e);
    }
    AtomicFiles.write(file, out -> out.write(json));
  }

  static <T> T read(Path file, Class<T> type) throws IOException {
    byte[] text = bytes(file, LARGEST_DOCUMENT);
    try {
      T value = JSON.readValue(text, type);
      if (value == null) {
        throw new IOException(file + " is empty");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not a file of a run: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Path file, long most) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes((int) most + 1);
      if (bytes.length > most) {
        throw new IOException("%s has more than the %d bytes allowed".formatted(file, most));
      }
      return bytes;
    }
  }

  /** An event as a line of JSON with its newline. */
  static byte[] line(Instant time, Event event) {
    ObjectNode line = LINES.createObjectNode();
    line.put("time", time.toString());
    line.put("step", event.step());
    line.put("kind", event.kind());
    ObjectNode values = line.putObject("values");
    event.values().forEach((name, value) -> values.set(name, LINES.valueToTree(value)));
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_LINE) {
      throw new IllegalArgumentException(
          "event '%s' at step %d takes %d bytes; an event may take %d"
              .formatted(event.kind(), event.step(), bytes.length, LONGEST_LINE));
    }
    return bytes;
  }

  /** The whole lines of a log; what follows the last newline was cut by a kill and is left out. */
  static List<RecordedEvent> events(Path file) throws IOException {
    byte[] text = bytes(file, LARGEST_LOG);
    List<RecordedEvent> events = new ArrayList<>();
    int start = 0;
    for (int end = 0; end < text.length; end++) {
      if (text[end] == '\n') {
        try {
          events.add(event(text, start, end));
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
          throw new IOException(
              "%s, line %d is not an event: %s".formatted(file, events.size() + 1, e.getMessage()),
              e);
        }
        start = end + 1;
      }
    }
    return events;
  }

  private static RecordedEvent event(byte[] text, int start, int end) throws IOException {
    if (end - start > LONGEST_LINE) {
      throw new IOException("longer than " + LONGEST_LINE + " bytes");
    }
    JsonNode line = LINES.readTree(text, start, end - start);
    JsonNode time = line.path("time");
    JsonNode step = line.path("step");
    JsonNode kind = line.path("kind");
    if (!time.isTextual()
        || !step.canConvertToLong()
        || !step.isIntegralNumber()
        || !kind.isTextual()) {
      throw new IOException("it needs a time, a step and a kind");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : line.path("values").properties()) {
      values.put(entry.getKey(), value(entry.getValue()));
    }
    Event event = new Event(step.asLong(), kind.asText(), values);
    return new RecordedEvent(Instant.parse(time.asText()), event);
  }

  private static Object value(JsonNode node) throws IOException {
    if (node.isNumber()) {
      return node.numberValue();
    } else if (node.isBoolean()) {
      return node.booleanValue();
    } else if (node.isTextual()) {
      return switch (node.asText()) {
        // JSON has no such numbers; they are written as these words.
        case "NaN", "Infinity", "-Infinity" -> Double.valueOf(node.asText());
        default -> node.asText();
      };
    }
    throw new IOException("a value is " + node.getNodeType());
  }
}
