package ai.kindred.federated;

import java.util.SplittableRandom;

/** Fisher and Yates' shuffle, every order as likely as another. */
final class Shuffle {

  private Shuffle() {}

  /** Brings the elements into another order, in place. */
  static void shuffle(int[] elements, SplittableRandom random) {
    for (int i = elements.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = elements[i];
      elements[i] = elements[j];
      elements[j] = swapped;
    }
  }
}
