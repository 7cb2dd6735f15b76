package ai.kindred.examples.pretrain;

import ai.kindred.examples.pretrain.Document.Draft;
import ai.kindred.examples.pretrain.Transformation.Pair;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Documents that follow an instruction, in the form of {@link
 * ai.kindred.core.data.InstructionPrompt} (definition, {@code Input: ...}, {@code Output: ...}) or
 * as a chat. The transformations are not those of the built-in suite.
 */
final class Instructions {

  private static final List<Transformation> ALL =
      Stream.of(WordTransformations.all(), OtherTransformations.all())
          .flatMap(List::stream)
          .toList();

  private Instructions() {}

  static List<Transformation> all() {
    return ALL;
  }

  static void add(Draft draft, SplittableRandom random) {
    Transformation task = ALL.get(random.nextInt(ALL.size()));
    String definition = Lexicon.any(random, task.definitions());
    if (random.nextInt(6) == 0) {
      chat(draft, definition, task.maker().make(random));
      return;
    }
    draft.say(definition);
    int pairs = random.nextInt(3) == 0 ? 1 : 2 + random.nextInt(5);
    for (int i = 0; i < pairs; i++) {
      Pair pair = task.maker().make(random);
      draft.paragraph().say("Input: " + pair.input() + "\nOutput:");
      draft.answer(pair.output(), Draft.OUTPUT);
    }
  }

  private static void chat(Draft draft, String definition, Pair pair) {
    draft.say(
        "<|im_start|>user\n%s\n\nInput: %s\nOutput:<|im_end|>\n<|im_start|>assistant\n%s<|im_end|>\n"
            .formatted(definition, pair.input(), pair.output()));
  }
}
