package ai.kindred.examples.suite;

import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How to make one task of the suite.
 *
 * @param name lower case with underscores
 * @param category the kind of task, in Super-NaturalInstructions' words where it has one
 * @param definition the instruction
 * @param maker makes an instance
 */
record Recipe(String name, String category, String definition, Maker maker) {

  /** A question and its right answer. */
  record Pair(String input, String output) {}

  /** Draws an instance, or nothing where the draw does not allow one. */
  interface Maker {
    Optional<Pair> make(Source source, SplittableRandom random);
  }

  static Optional<Pair> pair(String input, String output) {
    return Optional.of(new Pair(input, output));
  }
}
