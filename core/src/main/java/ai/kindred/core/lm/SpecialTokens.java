package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that begin and end texts.
 *
 * @param bosText written form of the beginning-of-text token, which chat templates use
 * @param bos its id
 * @param eosText written form of the end-of-text token
 * @param eos its id
 * @param stops ids that end a generation: those of generation_config.json, else of config.json,
 *     else {@code eos}
 */
public record SpecialTokens(
    @Nullable String bosText,
    @Nullable Integer bos,
    @Nullable String eosText,
    @Nullable Integer eos,
    Set<Integer> stops) {

  /** Copies the ids. */
  public SpecialTokens {
    stops = Set.copyOf(stops);
  }

  /**
   * Reads tokenizer_config.json, generation_config.json and config.json of a folder, as far as they
   * are there.
   *
   * @param ids the tokenizer's ids by written form
   */
  static SpecialTokens read(Path folder, Map<String, Integer> ids) throws IOException {
    Path file = folder.resolve("tokenizer_config.json");
    JsonNode config = Files.exists(file) ? Json.read(file, Json.Limits.CONFIG) : null;
    String bos = text(config, "bos_token", file);
    String eos = text(config, "eos_token", file);
    Integer eosId = eos == null ? null : ids.get(eos);
    Set<Integer> stops = stops(folder.resolve("generation_config.json"));
    if (stops.isEmpty()) {
      stops = stops(folder.resolve("config.json"));
    }
    if (stops.isEmpty() && eosId != null) {
      stops = Set.of(eosId);
    }
    return new SpecialTokens(bos, bos == null ? null : ids.get(bos), eos, eosId, stops);
  }

  /** A string, or an object whose {@code content} it is. */
  private static @Nullable String text(@Nullable JsonNode config, String field, Path file)
      throws ModelFormatException {
    JsonNode node = config == null ? null : config.get(field);
    if (node == null || node.isNull()) {
      return null;
    }
    JsonNode text = node.isObject() ? node.get("content") : node;
    if (text == null || !text.isTextual()) {
      throw new ModelFormatException(
          file.toString(), field + " is " + node + "; expected a string or {\"content\": string}");
    }
    return text.textValue();
  }

  private static Set<Integer> stops(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Set.of();
    }
    try {
      return new LinkedHashSet<>(
          ConfigFields.of(Json.read(file, Json.Limits.CONFIG)).integers("eos_token_id"));
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(file.toString(), String.valueOf(e.getMessage()), e);
    }
  }
}
