package ai.kindred.examples.lm;

import ai.kindred.cli.Output;
import ai.kindred.core.lm.GeneratedText;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.TextGenerator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    description = {
      "Writes text after a prompt or conversation.",
      "",
      "Text appears as it is written. With --json one line at the end:"
          + " {\"prompt_ids\":[..],\"ids\":[..],\"text\":\"..\"}, where ids end with the"
          + " end-of-text token if the model ended the text."
    })
final class GenerateCommand implements Callable<Integer> {

  /** What {@code --json} prints; there is no text without a tokenizer. */
  @SuppressWarnings("ArrayRecordComponent") // written, not compared
  record Line(
      @JsonProperty("prompt_ids") int[] promptIds,
      @JsonProperty("ids") int[] ids,
      @JsonProperty("text") @Nullable String text) {}

  /** One of these. */
  static final class Prompt {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to continue.")
    private @Nullable String text;

    @Option(
        names = "--prompt-ids",
        paramLabel = "ID",
        split = ",",
        description = "Token ids to continue, such as 1,2,3.")
    private int @Nullable [] ids;

    @Option(
        names = "--chat",
        paramLabel = "FILE",
        description =
            "Conversation to reply to: a JSON file"
                + " [{\"role\":\"user\",\"content\":\"..\"}, ..].")
    private @Nullable Path chat;
  }

  @Mixin private final Output output = new Output();
  @Mixin private final ModelOptions options = new ModelOptions();
  @Mixin private final SamplingOptions sampling = new SamplingOptions();

  @ArgGroup(multiplicity = "1")
  private Prompt prompt = new Prompt();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "The text ends before this; may be repeated.")
  private List<String> stops = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    try (ModelOptions.Open open = options.open()) {
      LanguageModel model = open.model();
      if (model.tokenizer() == null && prompt.ids != null && stops.isEmpty()) {
        continueIds(model, prompt.ids);
      } else {
        write(model);
      }
    }
    return 0;
  }

  /** What can be wrong is said before a model is loaded. */
  private void check() {
    try {
      sampling.sampling();
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
    if (stops.contains("")) {
      throw output.badUsage("--stop needs a text of at least one character");
    }
  }

  private void write(LanguageModel model) throws IOException, InterruptedException {
    try (TextGenerator writer = new TextGenerator(model)) {
      int[] ids = ids(writer);
      Generation settings = sampling.settings(ids.length, model.config().maxPositions());
      GeneratedText text =
          writer.generate(List.of(ids), settings, stops, (s, piece) -> goesOn(piece)).get(0);
      stopIfInterrupted();
      output.result(new Line(ids, text.tokens().ids(), text.text()), "");
    }
  }

  private int[] ids(TextGenerator writer) throws IOException {
    if (prompt.ids != null) {
      return prompt.ids;
    }
    return prompt.chat != null
        ? writer.encode(Conversation.read(prompt.chat))
        : writer.encode(String.valueOf(prompt.text));
  }

  private void continueIds(LanguageModel model, int[] ids)
      throws IOException, InterruptedException {
    try (Generator generator = new Generator(model)) {
      Generation settings = sampling.settings(ids.length, model.config().maxPositions());
      int[] made =
          generator.generate(List.of(ids), settings, (s, fresh) -> goesOn("")).get(0).ids();
      stopIfInterrupted();
      output.result(
          new Line(ids, made, null),
          Arrays.stream(made).mapToObj(Integer::toString).collect(Collectors.joining(",")));
    }
  }

  /** Shows text; neither Ctrl-C nor a closed output waits for the end. */
  private boolean goesOn(String piece) {
    boolean read = output.json() || piece.isEmpty() || output.piece(piece);
    return read && !Thread.currentThread().isInterrupted();
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while writing");
    }
  }
}
