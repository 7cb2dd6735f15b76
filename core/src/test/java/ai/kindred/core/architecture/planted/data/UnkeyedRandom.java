package ai.kindred.core.architecture.planted.data;

import java.util.Random;

/** Offends: a generator without a key. */
final class UnkeyedRandom {
  private UnkeyedRandom() {}

  static int draw() {
    return new Random(1).nextInt();
  }
}
