package ai.kindred.core.data;

import ai.kindred.core.config.Json;
import ai.kindred.core.data.InstructionTask.Example;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTask.Languages;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One task file, version 2: an object with {@code Definition}, {@code Categories}, the three
 * language lists, {@code Positive Examples}, {@code Negative Examples} and {@code Instances}; other
 * fields are skipped. It is read token by token, so that a damaged file is refused at the first
 * wrong place and the message can name field, instance and line.
 */
final class InstructionTaskFile {
  private static final String LANGUAGES = "Input_language";
  private final JsonParser parser;
  private final int maximumInstances;
  private final Map<String, List<String>> texts = new LinkedHashMap<>();
  private final Map<String, List<Example>> examples = new LinkedHashMap<>();
  private List<Instance> instances = new ArrayList<>();
  private String place = "the file";

  private InstructionTaskFile(JsonParser parser, int maximumInstances) {
    this.parser = parser;
    this.maximumInstances = maximumInstances;
  }

  /**
   * Reads a task.
   *
   * @param utf8 the file's content
   * @param source what messages call the file
   * @param maximumInstances instances after this many are skipped
   * @throws IOException where the content is no task file, naming field, instance and line
   */
  static InstructionTask read(byte[] utf8, String source, String name, int maximumInstances)
      throws IOException {
    try (JsonParser parser = Json.parser(utf8, source, Json.Limits.LARGE)) {
      // Published files have NaN, as Python writes it, in fields that we skip.
      parser.enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature());
      InstructionTaskFile file = new InstructionTaskFile(parser, maximumInstances);
      try {
        return file.task(name);
      } catch (Malformed e) {
        throw new IOException(source + ", " + file.where() + ": " + e.getMessage(), e);
      } catch (IllegalArgumentException e) {
        throw new IOException(source + ": " + e.getMessage(), e);
      } catch (IOException e) {
        throw Json.failure(source + ", " + file.place, e);
      }
    }
  }

  private InstructionTask task(String name) throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      place = "field " + field;
      parser.nextToken();
      switch (field) {
        case "Definition", "Categories", LANGUAGES, "Output_language", "Instruction_language" ->
            texts.put(field, texts(field));
        case "Positive Examples", "Negative Examples" -> examples.put(field, examples(field));
        case "Instances" -> instances = instances(name);
        default -> parser.skipChildren();
      }
    }
    place = "the file";
    if (parser.nextToken() != null) {
      throw new Malformed("expected the end after the task, found " + found());
    }
    Languages languages =
        new Languages(
            texts.getOrDefault(LANGUAGES, List.of("English")),
            texts.getOrDefault("Output_language", List.of("English")),
            texts.getOrDefault("Instruction_language", List.of("English")));
    return new InstructionTask(
        name,
        definition(),
        texts.getOrDefault("Categories", List.of()),
        languages,
        examples.getOrDefault("Positive Examples", List.of()),
        examples.getOrDefault("Negative Examples", List.of()),
        nonEmpty("Instances", instances));
  }

  /** The first wording, as the original evaluation takes it. */
  private String definition() throws Malformed {
    String definition = nonEmpty("Definition", texts.getOrDefault("Definition", List.of())).get(0);
    if (definition.isBlank()) {
      throw new Malformed("field Definition is blank");
    }
    return definition;
  }

  private static <T> List<T> nonEmpty(String field, List<T> list) throws Malformed {
    if (list.isEmpty()) {
      throw new Malformed("field " + field + " is missing or empty");
    }
    return list;
  }

  private List<Instance> instances(String name) throws IOException {
    List<Instance> result = new ArrayList<>();
    expect(parser.currentToken(), JsonToken.START_ARRAY, "a list of instances");
    for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      String at = "field Instances, index " + index;
      place = at;
      if (index >= maximumInstances) {
        parser.skipChildren();
        continue;
      }
      Map<String, List<String>> fields = object(at, "id", "input", "output");
      place = at;
      List<String> outputs = fields.getOrDefault("output", List.of());
      if (outputs.isEmpty()) {
        throw new Malformed("output is missing or empty, needs a text or a list of texts");
      }
      List<String> id = fields.getOrDefault("id", List.of(name + "-" + index));
      result.add(new Instance(single("id", id), single("input", fields.get("input")), outputs));
    }
    return result;
  }

  private List<Example> examples(String field) throws IOException {
    List<Example> result = new ArrayList<>();
    expect(parser.currentToken(), JsonToken.START_ARRAY, "a list of examples");
    for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      String at = "field " + field + ", index " + index;
      place = at;
      Map<String, List<String>> fields = object(at, "input", "output", "explanation");
      place = at;
      result.add(
          new Example(
              single("input", fields.get("input")),
              single("output", fields.get("output")),
              single("explanation", fields.getOrDefault("explanation", List.of("")))));
    }
    return result;
  }

  private Map<String, List<String>> object(String at, String... wanted) throws IOException {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    expect(parser.currentToken(), JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      place = at + ", " + field;
      parser.nextToken();
      if (List.of(wanted).contains(field)) {
        fields.put(field, texts(field));
      } else {
        parser.skipChildren();
      }
    }
    return fields;
  }

  /** A text, or a list of texts. */
  private List<String> texts(String field) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return List.of(parser.getText());
    }
    expect(parser.currentToken(), JsonToken.START_ARRAY, "a text or a list of texts");
    List<String> result = new ArrayList<>();
    String at = place;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      place = at + (field.equals("output") ? " " + result.size() : "");
      expect(parser.currentToken(), JsonToken.VALUE_STRING, "a text");
      result.add(parser.getText());
    }
    return result;
  }

  private static String single(String field, @Nullable List<String> texts) throws Malformed {
    if (texts == null || texts.size() != 1) {
      throw new Malformed(
          field + (texts == null ? " is missing" : " holds " + texts.size() + " texts, needs one"));
    }
    return texts.get(0);
  }

  private void expect(@Nullable JsonToken token, JsonToken expected, String what)
      throws IOException {
    if (token != expected) {
      throw new Malformed("expected " + what + ", found " + found());
    }
  }

  private String found() throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "the end of the file";
    }
    return switch (token) {
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "a list";
      case VALUE_STRING -> "a text";
      default -> parser.getText();
    };
  }

  private String where() {
    return place + " (line " + parser.currentTokenLocation().getLineNr() + ")";
  }

  /** Writes the same form. */
  static void write(InstructionTask task, OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      writeTexts(json, "Categories", task.categories());
      writeTexts(json, "Definition", List.of(task.definition()));
      writeTexts(json, LANGUAGES, task.languages().input());
      writeTexts(json, "Output_language", task.languages().output());
      writeTexts(json, "Instruction_language", task.languages().instruction());
      writeExamples(json, "Positive Examples", task.positiveExamples());
      writeExamples(json, "Negative Examples", task.negativeExamples());
      json.writeArrayFieldStart("Instances");
      for (Instance instance : task.instances()) {
        json.writeStartObject();
        json.writeStringField("id", instance.id());
        json.writeStringField("input", instance.input());
        writeTexts(json, "output", instance.outputs());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeTexts(JsonGenerator json, String field, List<String> texts)
      throws IOException {
    json.writeFieldName(field);
    json.writeArray(texts.toArray(new String[0]), 0, texts.size());
  }

  private static void writeExamples(JsonGenerator json, String field, List<Example> examples)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (Example example : examples) {
      json.writeStartObject();
      json.writeStringField("input", example.input());
      json.writeStringField("output", example.output());
      json.writeStringField("explanation", example.explanation());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Well-formed JSON that is no task; caught above, where file and place are known. */
  private static final class Malformed extends IOException {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }
}
