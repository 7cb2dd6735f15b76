package ai.kindred.core.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.kindred.core.config.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Hugging Face's tokenizers library on a checked {@code tokenizer.json}. */
final class JsonTokenizer implements Tokenizer {
  static {
    // The library's natives lie in its jar; without these DJL may look for others on the network.
    for (Map.Entry<String, String> setting :
        Map.of("ai.djl.offline", "true", "RUST_FLAVOR", "cpu", "OPT_OUT_TRACKING", "true")
            .entrySet()) {
      if (System.getProperty(setting.getKey()) == null) {
        System.setProperty(setting.getKey(), setting.getValue());
      }
    }
  }

  /** What transformers does for a plain call, and DJL does not: no truncation, no padding. */
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer library;
  private final int vocabSize;
  private final SpecialTokens specialTokens;

  private JsonTokenizer(HuggingFaceTokenizer library, int vocabSize, SpecialTokens specialTokens) {
    this.library = library;
    this.vocabSize = vocabSize;
    this.specialTokens = specialTokens;
  }

  static JsonTokenizer read(Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    TokenizerJson json = TokenizerJson.check(Json.read(file, Json.Limits.LARGE), file.toString());
    SpecialTokens specialTokens = SpecialTokens.read(folder, json.ids());
    byte[] text = json.text().getBytes(StandardCharsets.UTF_8);
    try {
      HuggingFaceTokenizer library =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(text), OPTIONS);
      return new JsonTokenizer(library, json.vocabSize(), specialTokens);
    } catch (RuntimeException e) {
      throw new ModelFormatException(
          file.toString(),
          "not a tokenizer that the tokenizers library reads: " + e.getMessage(),
          e);
    }
  }

  @Override
  public int[] encode(String text, boolean specialTokens) {
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "the text has " + text.length() + " characters; at most " + MAX_TEXT + " at once");
    }
    long[] ids = library.encode(wellFormed(text), specialTokens, false).getIds();
    int[] tokens = new int[ids.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    long[] tokens = new long[ids.length];
    for (int i = 0; i < tokens.length; i++) {
      if (ids[i] < 0 || ids[i] >= vocabSize) {
        throw new IllegalArgumentException(
            "token id " + ids[i] + " at position " + i + " is not from 0 to " + (vocabSize - 1));
      }
      tokens[i] = ids[i];
    }
    return tokens.length == 0 ? "" : library.decode(tokens, skipSpecial);
  }

  @Override
  public int vocabSize() {
    return vocabSize;
  }

  @Override
  public SpecialTokens specialTokens() {
    return specialTokens;
  }

  @Override
  public void close() {
    library.close();
  }

  /** Lone surrogates have no UTF-8. */
  private static String wellFormed(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString();
  }
}
