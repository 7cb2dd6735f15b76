package ai.kindred.core.architecture.planted.elsewhere;

/** Offends: its package is not in the picture. */
final class Unplaced {
  private Unplaced() {}
}
