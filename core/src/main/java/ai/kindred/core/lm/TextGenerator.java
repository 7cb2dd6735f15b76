package ai.kindred.core.lm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes text after text or conversations: a {@link Generator} with the model's tokenizer and chat
 * template.
 *
 * <pre>{@code
 * try (TextGenerator writer = new TextGenerator(model)) {
 *   String story = writer.generate("Once upon a time", Generation.greedy(100)).text();
 *   String reply = writer.chat(List.of(Message.user("Hello")), Generation.greedy(100)).text();
 * }
 * }</pre>
 */
public final class TextGenerator implements AutoCloseable {

  private final LanguageModel model;
  private final Tokenizer tokenizer;
  private final Generator generator;

  /**
   * A generator of a model, which must stay open as long as this.
   *
   * @throws IllegalStateException if the model has no tokenizer
   */
  public TextGenerator(LanguageModel model) {
    this.model = model;
    this.tokenizer = model.requireTokenizer();
    this.generator = new Generator(model);
  }

  /** Hears of text while it is written. */
  public interface Listener {
    /**
     * New text of a sequence. Called after every native call, so that a listener can stop what
     * gives no text; characters spread over tokens, and what may become a stop string, come once
     * they are certain.
     *
     * @param piece may be empty
     * @return whether the sequence goes on
     */
    boolean text(int sequence, String piece);
  }

  /** Token ids of a prompt, with the model's beginning-of-text token as transformers adds it. */
  public int[] encode(String prompt) {
    return tokenizer.encode(prompt, true);
  }

  /**
   * Token ids of a conversation, written by the model's template up to the beginning of the reply.
   *
   * @throws IllegalStateException if the model has no template
   * @throws IllegalArgumentException if the template refuses the conversation
   */
  public int[] encode(List<ChatTemplate.Message> conversation) {
    return tokenizer.encode(model.requireTemplate().render(conversation, true), false);
  }

  /** Continues a prompt. */
  public GeneratedText generate(String prompt, Generation settings) {
    return generate(List.of(prompt), settings).get(0);
  }

  /** Continues prompts, all at once. */
  public List<GeneratedText> generate(List<String> prompts, Generation settings) {
    return generate(
        prompts.stream().map(this::encode).toList(), settings, List.of(), (s, piece) -> true);
  }

  /** The reply to a conversation. */
  public GeneratedText chat(List<ChatTemplate.Message> conversation, Generation settings) {
    return generate(List.of(encode(conversation)), settings, List.of(), (s, piece) -> true).get(0);
  }

  /**
   * Continues prompts given as token ids, all at once.
   *
   * @param prompts from {@link #encode}
   * @param stopStrings a text ends before the first of these
   * @param listener hears of text as it comes
   * @throws IllegalArgumentException as {@link Generator#generate}, or if a stop string is empty
   */
  public List<GeneratedText> generate(
      List<int[]> prompts, Generation settings, List<String> stopStrings, Listener listener) {
    Set<Integer> ends = settings.ignoreEndOfText() ? Set.of() : model.endOfText();
    List<GrowingText> texts =
        prompts.stream().map(p -> new GrowingText(tokenizer, stopStrings, ends)).toList();
    List<Generated> generated =
        generator.generate(
            prompts,
            settings,
            (s, ids) -> {
              GrowingText text = texts.get(s);
              return listener.text(s, text.push(ids)) && !text.stopped();
            });
    List<GeneratedText> results = new ArrayList<>();
    for (int s = 0; s < texts.size(); s++) {
      String rest = texts.get(s).finish();
      if (!rest.isEmpty()) {
        listener.text(s, rest);
      }
      results.add(texts.get(s).result(prompts.get(s), generated.get(s)));
    }
    return results;
  }

  @Override
  public void close() {
    generator.close();
  }
}
