package ai.kindred.core.architecture.planted.data;

/** Offends: an exception without a name of its own. */
final class GenericThrower {
  private GenericThrower() {}

  static void fail() {
    throw new RuntimeException("something");
  }
}
