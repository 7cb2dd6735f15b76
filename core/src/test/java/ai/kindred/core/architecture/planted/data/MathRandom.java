package ai.kindred.core.architecture.planted.data;

/** Offends: the JVM's shared generator. */
final class MathRandom {
  private MathRandom() {}

  static double draw() {
    return Math.random();
  }
}
