package ai.kindred.examples.architecture.planted.stray;

import java.util.Random;

/** Offends: in no known module, and against every convention. */
final class Stray {
  private Stray() {}

  static void throwGeneric() {
    throw new RuntimeException("something");
  }

  static int draw() {
    return new Random(1).nextInt();
  }

  static void print() {
    System.out.println("from a library");
  }
}
