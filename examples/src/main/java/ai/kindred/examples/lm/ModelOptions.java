package ai.kindred.examples.lm;

import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.peft.AdapterFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command works with, as a mixin. */
final class ModelOptions {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model's folder, in Hugging Face's form.")
  private Path model = Path.of("");

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Folder of an adapter that was trained on this model.")
  private @Nullable Path adapter;

  @Option(
      names = "--dtype",
      paramLabel = "D",
      description = "float32, bfloat16 or int8; the model's own if not given.")
  private @Nullable Precision dtype;

  /** A loaded model; closing frees it. */
  record Open(LanguageModel model, Scope scope) implements AutoCloseable {

    @Override
    public void close() {
      scope.close();
      Tokenizer tokenizer = model.tokenizer();
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }

  /** Loads what was asked for. */
  Open open() throws IOException {
    Scope scope = Scope.open();
    try {
      LanguageModel plain =
          dtype == null ? LanguageModel.load(model) : LanguageModel.load(model, dtype);
      if (adapter == null) {
        return new Open(plain, scope);
      }
      return new Open(AdapterFolder.at(adapter).load(plain).model(), scope);
    } catch (IOException | RuntimeException e) {
      scope.close();
      throw e;
    }
  }
}
