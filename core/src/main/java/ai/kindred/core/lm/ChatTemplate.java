package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.lm.jinja.JinjaException;
import ai.kindred.core.lm.jinja.JinjaTemplate;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a model wants a conversation written: its Jinja template with Hugging Face's variables and
 * functions. Encode the result without special tokens, since templates write their own.
 *
 * <pre>{@code
 * String prompt = template.render(List.of(ChatTemplate.Message.user("Hello")), true);
 * int[] ids = tokenizer.encode(prompt, false);
 * }</pre>
 */
public final class ChatTemplate {
  private static final Map<Character, String> STRFTIME =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('m', "MM"),
          Map.entry('Y', "yyyy"),
          Map.entry('y', "yy"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"));

  /**
   * One turn.
   *
   * @param role such as system, user, assistant
   * @param content what is said
   */
  public record Message(String role, String content) {
    /** A turn of the user. */
    public static Message user(String content) {
      return new Message("user", content);
    }

    /** A turn of the model. */
    public static Message assistant(String content) {
      return new Message("assistant", content);
    }

    /** Instructions before the first turn. */
    public static Message system(String content) {
      return new Message("system", content);
    }
  }

  private final String source;
  private final JinjaTemplate template;
  private final Map<String, String> tokens;
  private final Clock clock;

  private ChatTemplate(
      String source, JinjaTemplate template, Map<String, String> tokens, Clock clock) {
    this.source = source;
    this.template = template;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * The template of a folder: {@code chat_template.jinja}, else {@code chat_template} of
   * tokenizer_config.json, where of several the one named {@code default} is taken; empty where
   * there is none.
   *
   * @param specialTokens the tokenizer's, for {@code bos_token} and {@code eos_token}
   * @throws ModelFormatException if the template is malformed
   */
  public static Optional<ChatTemplate> find(Path folder, SpecialTokens specialTokens)
      throws IOException {
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(of(text(file), specialTokens, file.toString()));
    }
    Path config = folder.resolve("tokenizer_config.json");
    JsonNode node =
        Files.exists(config)
            ? Json.read(config, Json.Limits.CONFIG).path("chat_template")
            : Json.parse("null", "none", Json.Limits.CONFIG);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    String text = node.isArray() ? named(node) : node.textValue();
    if (text == null) {
      throw new ModelFormatException(
          config.toString(),
          "chat_template is neither a string nor a list with one named \"default\"");
    }
    return Optional.of(of(text, specialTokens, config.toString()));
  }

  /** As {@link #find}, but a folder without a template is an error that says what is missing. */
  public static ChatTemplate load(Path folder, SpecialTokens specialTokens) throws IOException {
    return find(folder, specialTokens)
        .orElseThrow(
            () ->
                new ModelFormatException(
                    folder.toString(),
                    "no chat_template.jinja and no chat_template in tokenizer_config.json, so a"
                        + " conversation cannot be written for this model; give a plain prompt"));
  }

  /**
   * A template by its text.
   *
   * @param source names it in errors
   */
  public static ChatTemplate of(String text, SpecialTokens specialTokens, String source)
      throws ModelFormatException {
    return of(text, specialTokens, source, Clock.system(ZoneId.systemDefault()));
  }

  static ChatTemplate of(String text, SpecialTokens specialTokens, String source, Clock clock)
      throws ModelFormatException {
    Map<String, String> tokens = new HashMap<>();
    put(tokens, "bos_token", specialTokens.bosText());
    put(tokens, "eos_token", specialTokens.eosText());
    try {
      return new ChatTemplate(source, JinjaTemplate.compile(text), tokens, clock);
    } catch (JinjaException e) {
      throw new ModelFormatException(source, "chat template: " + e.getMessage(), e);
    }
  }

  private static void put(Map<String, String> tokens, String name, @Nullable String text) {
    if (text != null) {
      tokens.put(name, text);
    }
  }

  /**
   * Writes a conversation.
   *
   * @param messages at least one
   * @param addGenerationPrompt whether the beginning of the model's next turn follows
   * @throws IllegalArgumentException if the template refuses the conversation, for instance because
   *     roles do not alternate; the message is the template's
   */
  public String render(List<Message> messages, boolean addGenerationPrompt) {
    List<Map<String, String>> turns = new ArrayList<>();
    for (Message message : messages) {
      Map<String, String> turn = new LinkedHashMap<>();
      turn.put("role", message.role());
      turn.put("content", message.content());
      turns.add(turn);
    }
    return render(turns, addGenerationPrompt, Map.of());
  }

  /**
   * Writes a conversation in Hugging Face's own form.
   *
   * @param messages maps with role, content, and whatever else the template knows
   * @param more further variables, such as {@code tools} or {@code enable_thinking}
   */
  public String render(
      List<? extends Map<String, ?>> messages, boolean addGenerationPrompt, Map<String, ?> more) {
    Map<String, @Nullable Object> variables = new HashMap<>(tokens);
    // Templates ask whether these are none, so transformers always gives them.
    variables.put("tools", null);
    variables.put("documents", null);
    variables.putAll(more);
    variables.put("messages", messages);
    variables.put("add_generation_prompt", addGenerationPrompt);
    try {
      return template.render(variables, "strftime_now", this::strftime);
    } catch (JinjaException e) {
      throw new IllegalArgumentException("chat template of " + source + ": " + e.getMessage(), e);
    }
  }

  private String strftime(String format) {
    LocalDateTime now = LocalDateTime.now(clock);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
      i += unpadded ? 2 : 1;
      String pattern = STRFTIME.get(format.charAt(i));
      if (pattern == null) {
        text.append(format.charAt(i) == '%' ? "%" : "%" + format.charAt(i));
        continue;
      }
      String part = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
      text.append(unpadded ? part.replaceFirst("^0+(?=.)", "") : part);
    }
    return text.toString();
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(4 * JinjaTemplate.MAX_TEMPLATE + 1);
      return new String(text, StandardCharsets.UTF_8);
    }
  }

  private static @Nullable String named(JsonNode templates) {
    for (JsonNode template : templates) {
      if (template.path("name").asText().equals("default")) {
        return template.path("template").textValue();
      }
    }
    return null;
  }
}
