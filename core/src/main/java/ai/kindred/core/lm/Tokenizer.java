package ai.kindred.core.lm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Text to token ids and back. Safe for use by several threads at once until closed.
 *
 * <pre>{@code
 * try (Tokenizer tokenizer = Tokenizer.load(folder)) {
 *   int[] ids = tokenizer.encode("Once upon a time", true);
 *   String text = tokenizer.decode(ids, true);
 * }
 * }</pre>
 */
public interface Tokenizer extends AutoCloseable {
  /** Longest text that is encoded at once, in UTF-16 units. */
  int MAX_TEXT = 1 << 22;

  /**
   * Token ids of a text.
   *
   * @param text up to {@link #MAX_TEXT} long; lone surrogates become U+FFFD
   * @param specialTokens whether the model's beginning-of-text token and the like are added, as
   *     transformers does by default; special tokens written out in the text are recognised always
   */
  int[] encode(String text, boolean specialTokens);

  /**
   * Text of token ids.
   *
   * @param ids each from 0 to {@link #vocabSize()} - 1
   * @param skipSpecial whether special tokens are left out
   */
  String decode(int[] ids, boolean skipSpecial);

  /** One more than the largest token id. The model's vocabulary may be larger. */
  int vocabSize();

  /** Which tokens begin and end texts. */
  SpecialTokens specialTokens();

  @Override
  void close();

  /** A decoder for ids that arrive one by one. */
  default StreamDecoder stream(boolean skipSpecial) {
    return new StreamDecoder(this, skipSpecial);
  }

  /**
   * The tokenizer of a model folder: {@code tokenizer.json}, else llama2.c's {@code tokenizer.bin};
   * empty where the folder has neither.
   */
  static Optional<Tokenizer> find(Path folder) throws IOException {
    if (Files.exists(folder.resolve("tokenizer.json"))) {
      return Optional.of(JsonTokenizer.read(folder));
    }
    Path bin = folder.resolve("tokenizer.bin");
    return Files.exists(bin) ? Optional.of(Llama2Tokenizer.read(bin)) : Optional.empty();
  }

  /** As {@link #find}, but a folder without a tokenizer is an error that says what is missing. */
  static Tokenizer load(Path folder) throws IOException {
    return find(folder)
        .orElseThrow(
            () ->
                new ModelFormatException(
                    folder.toString(),
                    "no tokenizer.json (nor llama2.c's tokenizer.bin) here, so text can be neither"
                        + " read nor written; give token ids, or add the model's tokenizer.json"));
  }
}
