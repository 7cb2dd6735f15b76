package ai.kindred.examples.lm;

import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.ChatTemplate.Message;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Sampling;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TextGenerator;
import ai.kindred.core.lm.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A lesson: load a model, let it write, and ask how likely it finds given words.
 *
 * <p>Run it with a model's folder, such as that of SmolLM2-135M-Instruct, and a question.
 */
public final class ChatLesson {

  private ChatLesson() {}

  /** Answers the question {@code args[1]} with the model in the folder {@code args[0]}. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // A model's weights live outside Java's heap; the scope frees them when we are done.
    try (Scope scope = Scope.open()) {
      LanguageModel model = LanguageModel.load(Path.of(args[0]));
      out.println("tensors loaded: " + scope.size());
      write(model, args[1], out);
      judge(model, args[1], out);
      model.requireTokenizer().close();
    }
  }

  private static void write(LanguageModel model, String question, PrintStream out) {
    try (TextGenerator writer = new TextGenerator(model)) {
      // A model that was taught to chat wants its own template around what is said.
      boolean chats = model.template() != null;
      int[] prompt =
          chats ? writer.encode(List.of(Message.user(question))) : writer.encode(question);

      // Greedy: the likeliest token, always. Text is shown as it is written.
      writer.generate(
          List.of(prompt),
          Generation.greedy(40),
          List.of("\n\n"),
          (sequence, piece) -> {
            out.print(piece);
            return true;
          });
      out.println();

      // Sampled: two other answers. The same seed gives the same answers again.
      Generation free = Generation.sampled(40, Sampling.temperature(0.7), 1);
      writer
          .generate(List.of(prompt, prompt), free, List.of("\n\n"), (s, piece) -> true)
          .forEach(other -> out.println("or: " + other.text()));
    }
  }

  /** The prompt is read once for all the continuations. */
  private static void judge(LanguageModel model, String text, PrintStream out) {
    List<String> words = List.of(" yes", " no", " perhaps");
    Tokenizer tokenizer = model.requireTokenizer();
    List<int[]> ids = words.stream().map(w -> tokenizer.encode(w, false)).toList();
    try (Scorer scorer = new Scorer(model)) {
      List<double[]> logs = scorer.logProbabilities(tokenizer.encode(text, true), ids);
      for (int i = 0; i < words.size(); i++) {
        out.printf("log P(%s) = %.2f%n", words.get(i), Arrays.stream(logs.get(i)).sum());
      }
    }
  }
}
