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
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.RouterStats;
import ai.kindred.peft.Targets;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A lesson: one adapter for two tasks, whose routers learn which experts serve which. */
public final class MixtureOfDyadicExpertsLesson {

  private MixtureOfDyadicExpertsLesson() {}

  /** Writes the adapter to the folder {@code args[0]}. */
  public static void main(String[] args) throws IOException {
    try (Scope scope = Scope.open()) {
      LanguageModel base = scope.adopt(LanguageModel.load(KindredTiny.folder()));
      answer("before", base);
      // 4 experts of rank 1 in each of 4 slots; routers see tokens, never the task, and choose.
      var config = MixtureOfDyadicExpertsConfig.of(4, 4, 1, Targets.allLinear());
      LanguageModel adapted = Adapters.add(base, config, Key.of(7));
      PackedBatch examples = PackedBatch.of(examples(base));
      var batches = Batches.single(step -> LanguageModelObjective.batch(examples));
      TrainingConfig training = TrainingConfig.defaults(60, new Schedule.Cosine(1e-2, 5, 60, 0.1));
      var trained =
          Training.of(training, LanguageModelObjective.of(adapted), batches)
              .run(adapted.params(Adapter.class));
      LanguageModel tuned = Tree.with(adapted, trained.params());
      answer("after", tuned);
      AdapterFolder.at(Path.of(args[0])).save(tuned, config, "kindred-tiny");
      answer("loaded", AdapterFolder.at(Path.of(args[0])).load(base).model());
      try (RouterStats stats = new RouterStats(tuned)) {
        stats.add(examples);
        for (RouterStats.Router r : stats.routers().subList(0, 2)) {
          System.out.println(r.path() + " " + r.task() + ": " + Arrays.toString(r.weights()[0]));
        }
      }
    }
  }

  private static List<TokenizedExample> examples(LanguageModel model) {
    List<TokenizedExample> examples = new ArrayList<>();
    for (String fruit : List.of("apple", "plum", "pear", "fig", "lemon")) {
      int[] ask = model.requireTokenizer().encode("Ask: " + fruit + ". ", true);
      int[] praise = model.requireTokenizer().encode("Praise: " + fruit + ". ", true);
      examples.add(new TokenizedExample(ask, model.encodeTarget("Is a " + fruit + " sweet?"), 0));
      examples.add(new TokenizedExample(praise, model.encodeTarget("Oh lovely " + fruit + "!"), 1));
    }
    return examples;
  }

  private static void answer(String when, LanguageModel model) {
    try (TextGenerator writer = new TextGenerator(model)) {
      writer
          .generate(List.of("Ask: plum. ", "Praise: plum. "), Generation.greedy(20))
          .forEach(written -> System.out.println(when + ": " + written.text().strip()));
    }
  }
}
