package ai.kindred.core.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.helpers.MessageFormatter;

/**
 * A {@code tokenizer.json} that is safe to give to the tokenizers library. The library takes the
 * whole JVM down where a file breaks its assumptions (a panic across JNI), so whatever it assumes
 * is checked here first: ids, references between parts, repeatable patterns, counts. Components
 * that the supported families do not use are refused.
 *
 * @param text the checked document
 * @param ids id of each token's written form
 * @param vocabSize one more than the largest id
 */
record TokenizerJson(String text, Map<String, Integer> ids, int vocabSize) {
  private static final int MAX_ID = 1 << 24;
  private static final int MAX_ADDED_TOKENS = 20_000;
  private static final int MAX_PARTS = 64;

  private static final Map<String, Set<String>> PARTS =
      Map.of(
          "normalizer",
          Set.of(
              "NFC",
              "NFD",
              "NFKC",
              "NFKD",
              "Lowercase",
              "Strip",
              "StripAccents",
              "Prepend",
              "Replace",
              "ByteLevel"),
          "pre_tokenizer",
          Set.of(
              "ByteLevel",
              "Split",
              "Digits",
              "Metaspace",
              "Whitespace",
              "WhitespaceSplit",
              "Punctuation"),
          "post_processor",
          Set.of("ByteLevel", "TemplateProcessing"),
          "decoder",
          Set.of("ByteLevel", "ByteFallback", "Fuse", "Metaspace", "Replace", "Strip"));

  private static final Map<String, String> SEQUENCES =
      Map.of(
          "normalizer", "normalizers",
          "pre_tokenizer", "pretokenizers",
          "post_processor", "processors",
          "decoder", "decoders");

  static TokenizerJson check(JsonNode root, String source) throws ModelFormatException {
    try {
      return new Check(root).result();
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source, String.valueOf(e.getMessage()), e);
    }
  }

  /** One pass over a document. */
  private static final class Check {
    private final ObjectNode root;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Set<Integer> known = new HashSet<>();
    private int parts;

    Check(JsonNode root) {
      require(root instanceof ObjectNode, "a tokenizer is a JSON object");
      this.root = (ObjectNode) root;
    }

    TokenizerJson result() {
      model();
      addedTokens();
      for (String slot : SEQUENCES.keySet()) {
        part(slot, root.get(slot));
      }
      // transformers encodes without either unless asked, and a bad stride would be fatal.
      root.putNull("truncation");
      root.putNull("padding");
      int largest = known.stream().mapToInt(Integer::intValue).max().orElse(0);
      return new TokenizerJson(root.toString(), ids, largest + 1);
    }

    private void model() {
      JsonNode model = root.path("model");
      require(model.isObject(), "model is missing; expected an object");
      String type = model.has("type") ? model.path("type").asText() : "BPE";
      require(
          type.equals("BPE") || type.equals("WordLevel"),
          "model.type is {}; supported are BPE and WordLevel",
          type);
      ((ObjectNode) model).put("type", type);
      JsonNode vocab = model.path("vocab");
      require(vocab.isObject() && !vocab.isEmpty(), "model.vocab is no object with tokens");
      vocab.properties().forEach(e -> add("model.vocab", e.getKey(), e.getValue()));
      JsonNode unknown = model.path("unk_token");
      require(
          isAbsent(unknown) || ids.containsKey(unknown.asText()),
          "model.unk_token is {}, which is not in model.vocab",
          unknown);
      if (type.equals("BPE")) {
        JsonNode prefix = model.path("continuing_subword_prefix");
        require(
            isAbsent(prefix) || prefix.asText().isEmpty(),
            "model.continuing_subword_prefix is {}; only null is supported",
            prefix);
        JsonNode dropout = model.path("dropout");
        require(
            isAbsent(dropout) || (dropout.isNumber() && dropout.doubleValue() == 0),
            "model.dropout is {}; token ids would be random, so only null is supported",
            dropout);
      }
    }

    private void add(String where, String token, JsonNode id) {
      require(
          id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0,
          "{}: id of {} is {}; expected a whole number from 0",
          where,
          brief(token),
          id);
      require(
          id.intValue() < MAX_ID,
          "{}: id of {} is {}; it must be below {}",
          where,
          brief(token),
          id,
          MAX_ID);
      require(known.add(id.intValue()), "{}: id {} of {} is taken", where, id, brief(token));
      ids.put(token, id.intValue());
    }

    private void addedTokens() {
      JsonNode added = root.path("added_tokens");
      require(isAbsent(added) || added.isArray(), "added_tokens is no list");
      require(
          added.size() <= MAX_ADDED_TOKENS,
          "added_tokens has {} entries; at most {}",
          added.size(),
          MAX_ADDED_TOKENS);
      int size = root.path("model").path("vocab").size();
      int next = size;
      Set<String> seen = new HashSet<>();
      for (JsonNode token : added) {
        String content = token.path("content").asText();
        require(!content.isEmpty(), "added_tokens has an entry without content: {}", token);
        require(seen.add(content), "added_tokens has {} twice", brief(content));
        JsonNode id = token.path("id");
        Integer inVocab = ids.get(content);
        if (inVocab == null) {
          add("added_tokens", content, id);
        }
        // The library numbers added tokens itself and only warns where the file disagrees.
        int expected = inVocab == null ? next : inVocab;
        require(
            id.isInt() && id.intValue() == expected,
            "added_tokens: id of {} is {}, but by its place it is {}",
            brief(content),
            id,
            expected);
        next = Math.max(next, expected + 1);
      }
    }

    private void part(String slot, JsonNode part) {
      if (part == null || part.isNull()) {
        return;
      }
      require(++parts <= MAX_PARTS, "more than {} components", MAX_PARTS);
      String type = part.path("type").asText();
      if (type.equals("Sequence")) {
        JsonNode list = part.path(SEQUENCES.getOrDefault(slot, ""));
        require(list.isArray(), "{}: a Sequence without its list", slot);
        list.forEach(inner -> part(slot, inner));
        return;
      }
      Set<String> types = PARTS.getOrDefault(slot, Set.of());
      require(
          types.contains(type),
          "{}.type is {}; supported are {}",
          slot,
          type.isEmpty() ? "missing" : brief(type),
          types.stream().sorted().toList());
      switch (type) {
        case "Split", "Replace" -> {
          JsonNode pattern = part.path("pattern");
          if (pattern.has("Regex")) {
            LinearRegex.check(slot, pattern.path("Regex").asText());
          }
        }
        // The library's loop from the end has no guard against short tokens.
        case "Strip" ->
            require(
                !slot.equals("decoder") || part.path("stop").asInt(1) == 0,
                "decoder.stop is {}; only 0 is supported",
                part.path("stop"));
        case "TemplateProcessing" -> template(part);
        default -> {}
      }
    }

    private void template(JsonNode part) {
      JsonNode specials = part.path("special_tokens");
      require(specials.isObject(), "post_processor.special_tokens is no object");
      for (JsonNode special : specials) {
        JsonNode list = special.path("ids");
        require(
            list.isArray() && list.size() == special.path("tokens").size() && list.size() <= 16,
            "post_processor.special_tokens: ids and tokens are not lists of one length up to 16");
        for (JsonNode id : list) {
          require(
              id.isInt() && known.contains(id.intValue()),
              "post_processor.special_tokens has id {}, which no token has",
              id);
        }
      }
      for (String template : new String[] {"single", "pair"}) {
        JsonNode pieces = part.path(template);
        require(
            pieces.isArray() && pieces.size() <= 64,
            "post_processor.{} is no list of up to 64 pieces",
            template);
        for (JsonNode piece : pieces) {
          String special = piece.path("SpecialToken").path("id").asText(null);
          String sequence = piece.path("Sequence").path("id").asText();
          boolean known =
              special != null
                  ? specials.has(special)
                  : sequence.equals("A") || (sequence.equals("B") && template.equals("pair"));
          require(known, "post_processor.{} refers to nothing: {}", template, piece);
        }
      }
    }
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static String brief(String text) {
    return '"' + (text.length() <= 40 ? text : text.substring(0, 40) + "...") + '"';
  }

  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      String problem = String.valueOf(MessageFormatter.arrayFormat(message, values).getMessage());
      throw new IllegalArgumentException(
          problem.length() <= 400 ? problem : problem.substring(0, 400) + "...");
    }
  }
}
