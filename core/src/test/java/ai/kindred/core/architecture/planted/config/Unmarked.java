package ai.kindred.core.architecture.planted.config;

/** Offends: its package says nothing about null. */
final class Unmarked {
  private Unmarked() {}
}
