package ai.kindred.core.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * JSON from files that nobody vouches for: UTF-8 (RFC 8259) without extensions, bounded in bytes,
 * nesting and number of values, with repeated names and trailing text refused. Every failure of the
 * text is a {@link JsonException} that names the source and the place.
 */
public final class Json {

  /**
   * What a document may take.
   *
   * @param bytes largest size of the text, in bytes
   * @param depth deepest nesting of objects and arrays
   * @param tokens most tokens (names, values, brackets); a token takes up to about 100 bytes
   */
  public record Limits(long bytes, int depth, long tokens) {
    /** Settings, model configs, index files: 16 MiB, 64 levels, 2 million tokens. */
    public static final Limits CONFIG = new Limits(16L << 20, 64, 2_000_000);

    /** Tokenizers, headers of weight files, data sets: 256 MiB, 64 levels, 8 million tokens. */
    public static final Limits LARGE = new Limits(256L << 20, 64, 8_000_000);
  }

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** The document of a file. */
  public static JsonNode read(Path file, Limits limits) throws IOException {
    byte[] text;
    try (InputStream in = Files.newInputStream(file)) {
      text = in.readNBytes((int) Math.min(limits.bytes() + 1, Integer.MAX_VALUE - 8));
    }
    return parse(text, file.toString(), limits);
  }

  /** The document of UTF-8 bytes; {@code source} names them in errors. */
  public static JsonNode parse(byte[] utf8, String source, Limits limits) throws JsonException {
    return tree(reader(utf8, source, limits), source, limits);
  }

  /** The document of a text; {@code source} names it in errors. */
  public static JsonNode parse(String text, String source, Limits limits) throws JsonException {
    checkSize(text.length(), source, limits);
    return tree(new StringReader(text), source, limits);
  }

  /**
   * A bounded parser over UTF-8 bytes, for documents too large to hold as a tree. Its failures are
   * Jackson's; {@link #failure} makes them ours.
   */
  public static JsonParser parser(byte[] utf8, String source, Limits limits) throws IOException {
    return parser(reader(utf8, source, limits), limits);
  }

  /** The value at a parser's current token, as a tree. */
  public static JsonNode value(JsonParser parser) throws IOException {
    return MAPPER.readTree(parser);
  }

  /** The failure of a {@link #parser} with the source and place named. */
  public static JsonException failure(String source, IOException failure) {
    if (failure instanceof JsonException known) {
      return known;
    }
    if (failure instanceof StreamConstraintsException limit) {
      String words = limit.getOriginalMessage().replaceAll(", from `[^`]*`", "");
      return new JsonException(source, "over a limit: " + words, limit);
    }
    if (failure instanceof JsonProcessingException at) {
      String place =
          at.getLocation() == null
              ? ""
              : " at line " + at.getLocation().getLineNr() + ", column " + column(at);
      return new JsonException(source, "not JSON" + place + ": " + at.getOriginalMessage(), at);
    }
    if (failure instanceof CharacterCodingException) {
      return new JsonException(source, "not JSON: the text is not UTF-8", failure);
    }
    return new JsonException(source, "not JSON: " + failure.getMessage(), failure);
  }

  /** Text of a document: two spaces a level, names in the order of the tree, a last line end. */
  public static String pretty(JsonNode node) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    ObjectWriter writer = MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(indenter));
    try {
      return writer.writeValueAsString(node) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of values always has a text", e);
    }
  }

  private static int column(JsonProcessingException at) {
    return at.getLocation().getColumnNr();
  }

  private static JsonNode tree(Reader text, String source, Limits limits) throws JsonException {
    try (JsonParser parser = parser(text, limits)) {
      if (parser.nextToken() == null) {
        throw new JsonException(source, List.of("not JSON: the text is empty"));
      }
      JsonNode node = MAPPER.readTree(parser);
      if (parser.nextToken() != null) {
        throw new JsonException(
            source,
            List.of("not JSON: text after the end of the document at line " + line(parser)));
      }
      return node;
    } catch (IOException e) {
      throw failure(source, e);
    }
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }

  private static Reader reader(byte[] utf8, String source, Limits limits) throws JsonException {
    checkSize(utf8.length, source, limits);
    // A new decoder reports malformed bytes; one made by charset name would replace them.
    return new InputStreamReader(
        new ByteArrayInputStream(utf8), StandardCharsets.UTF_8.newDecoder());
  }

  private static void checkSize(long size, String source, Limits limits) throws JsonException {
    if (size > limits.bytes()) {
      throw new JsonException(
          source, List.of("more than " + limits.bytes() + " bytes of JSON, the limit here"));
    }
  }

  private static JsonParser parser(Reader text, Limits limits) throws IOException {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.depth())
            .maxTokenCount(limits.tokens())
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return factory.createParser(text);
  }
}
