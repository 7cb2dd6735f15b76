package ai.kindred.core.architecture.planted.io;

/** Offends: prints. */
final class Printer {
  private Printer() {}

  static void print() {
    System.out.println("from a library");
  }
}
