package ai.kindred.examples.lm;

import ai.kindred.cli.Output;
import ai.kindred.core.lm.Tokenizer;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tokens",
    description = {
      "Token ids of a text, and back.",
      "",
      "Prints the ids that the model's tokenizer gives, with special tokens as transformers adds"
          + " them, and the text that they stand for; with --json {\"ids\":[..],\"text\":\"..\"}."
    })
final class TokensCommand implements Callable<Integer> {

  @SuppressWarnings("ArrayRecordComponent") // written, not compared
  record Line(@JsonProperty("ids") int[] ids, @JsonProperty("text") String text) {}

  /** One of these. */
  static final class Input {
    @Parameters(paramLabel = "TEXT", arity = "0..1", description = "The text.")
    private @Nullable String text;

    @Option(
        names = "--ids",
        paramLabel = "ID",
        split = ",",
        description = "Token ids to turn to text, such as 1,2,3.")
    private int @Nullable [] ids;
  }

  @Mixin private final Output output = new Output();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model's folder; its tokenizer is enough.")
  private Path model = Path.of("");

  @Option(
      names = "--no-special",
      description = "Add no special tokens, such as that of a text's beginning.")
  private boolean plain;

  @ArgGroup(multiplicity = "1")
  private Input input = new Input();

  @Override
  public Integer call() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      int[] ids =
          input.ids != null ? input.ids : tokenizer.encode(String.valueOf(input.text), !plain);
      String text = tokenizer.decode(ids, false);
      String list = Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
      output.result(new Line(ids, text), list + "\n" + text);
    }
    return 0;
  }
}
