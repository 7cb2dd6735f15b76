package ai.kindred.examples.pretrain;

import ai.kindred.examples.pretrain.Document.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A question whose answer stands in the text before it.
 *
 * @param question the question
 * @param answer the right answer
 * @param others wrong answers, three different ones at least; the right one may be among them and
 *     is passed over
 */
record Choice(String question, String answer, List<String> others) {

  /** Asks, every second time with four options, and answers in words. */
  void add(Draft draft, SplittableRandom random) {
    StringBuilder text = new StringBuilder("Question: " + question);
    if (random.nextBoolean()) {
      List<String> options = options(random);
      for (int i = 0; i < options.size(); i++) {
        text.append('\n').append((char) ('A' + i)).append(". ").append(options.get(i));
      }
    }
    draft.paragraph().say(text + "\nAnswer:").answer(answer, Draft.ANSWER);
  }

  private List<String> options(SplittableRandom random) {
    List<String> options = new ArrayList<>(List.of(answer));
    for (String other : Lexicon.shuffled(random, others)) {
      if (options.size() < 4 && !options.contains(other)) {
        options.add(other);
      }
    }
    return Lexicon.shuffled(random, options);
  }
}
