package ai.kindred.examples.pretrain;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Something to do to a text, said in several ways.
 *
 * @param definitions instructions that all mean the same
 * @param maker draws an input and its output
 */
record Transformation(List<String> definitions, Maker maker) {

  /** An input and its output. */
  record Pair(String input, String output) {}

  /** Draws a pair. */
  interface Maker {
    Pair make(SplittableRandom random);
  }

  static Transformation task(Maker maker, String... definitions) {
    return new Transformation(List.of(definitions), maker);
  }
}
