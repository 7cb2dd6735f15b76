package ai.kindred.examples.peft;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TextGenerator;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.Targets;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A lesson: teach a model one small thing with LoRA, keep it in a folder, and use it again. */
public final class LoraLesson {

  private LoraLesson() {}

  /** Writes the adapter to the folder {@code args[0]}. */
  public static void main(String[] args) throws IOException {
    // Weights live outside Java's heap; the scope frees all that is made before it closes.
    try (Scope scope = Scope.open()) {
      LanguageModel base = LanguageModel.load(KindredTiny.folder());
      System.out.println("before: " + answer(base));

      // Every linear product W gets two thin matrices: y = x W^T + scale x A^T B^T. B starts at
      // zero, so the adapted model computes what the base does, and W is never changed.
      LoraConfig config = LoraConfig.of(8, 16, Targets.allLinear());
      LanguageModel adapted = Adapters.add(base, config, Key.of(7));

      var batches = Batches.single(step -> LanguageModelObjective.batch(examples(base)));
      TrainingConfig training = TrainingConfig.defaults(40, new Schedule.Cosine(1e-2, 5, 40, 0.1));
      var trained =
          Training.of(training, LanguageModelObjective.of(adapted), batches)
              .run(adapted.params(Adapter.class));
      LanguageModel tuned = Tree.with(adapted, trained.params());
      System.out.println("after:  " + answer(tuned));

      // The folder is PEFT's: Python reads it too. Weights of the base are not in it.
      AdapterFolder folder = AdapterFolder.at(Path.of(args[0]));
      folder.save(tuned, config, "kindred-tiny");
      System.out.println("loaded: " + answer(folder.load(base).model()));
      // Worked into the weights, an adapter costs nothing more.
      System.out.println("merged: " + answer(tuned.merged()));
      System.out.println("tensors that are freed now: " + scope.size());
    }
  }

  /** Prompts are read, answers are learnt: the loss is taken at their tokens alone. */
  private static PackedBatch examples(LanguageModel model) {
    return PackedBatch.of(
        Stream.of("apple", "plum", "pear", "fig", "lemon")
            .map(fruit -> example(model, "I like the " + fruit + ". ", "Is a " + fruit + " sweet?"))
            .toList());
  }

  private static TokenizedExample example(LanguageModel model, String prompt, String answer) {
    int[] ids = model.requireTokenizer().encode(prompt, true);
    return new TokenizedExample(ids, model.encodeTarget(answer), 0);
  }

  private static String answer(LanguageModel model) {
    try (TextGenerator writer = new TextGenerator(model)) {
      return writer.generate("I like the plum. ", Generation.greedy(20)).text().strip();
    }
  }
}
