package ai.kindred.benchmarks.adapters;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.train.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The workloads; adapters are on all linear products.
 *
 * @param model without adapters
 * @param patience of each
 * @param sequences of a training step
 * @param length tokens of each
 * @param stored adapters in the store
 */
record AdapterWorkloads(
    LanguageModel model, Patience patience, int sequences, int length, int stored) {

  /** All, in the order in which they run. */
  static final List<String> NAMES =
      List.of("steps-4x4", "steps-16x4", "mixed-8", "switch", "store");

  /** Runs a workload and gives its lines as they come. */
  @SuppressWarnings("try") // the scope works by being open
  void run(String name, Line.Printer lines) throws IOException {
    try (Scope scope = Scope.open()) {
      switch (name) {
        case "steps-4x4" -> steps(name, 4, lines);
        case "steps-16x4" -> steps(name, 16, lines);
        case "mixed-8" -> new MixedWorkload(model, patience).mixed(name, lines);
        case "switch" -> new MixedWorkload(model, patience).switching(name, lines);
        case "store" ->
            lines.print(new StoreWorkload(model, stored, patience.seconds()).line(name));
        default -> throw new IllegalArgumentException("no workload is called " + name);
      }
    }
  }

  private void steps(String name, int m, Line.Printer lines) throws IOException {
    for (Line line : new StepWorkload(model, patience).lines(name, m, batch())) {
      lines.print(line);
    }
  }

  /** Full sequences, every position a target. */
  private Batch<TokenBatch> batch() {
    List<TokenizedExample> examples = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] ids = MixedWorkload.randomIds(i, length + 1, model.config().vocabSize());
      examples.add(
          new TokenizedExample(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, length + 1), 0));
    }
    return LanguageModelObjective.batch(PackedBatch.of(examples));
  }
}
