package ai.kindred.reliability.campaign;

/** Weights by name. */
@FunctionalInterface
public interface WeightSource {

  /** The weights of a matrix, row by row; a new array each time. */
  float[] weights(String matrix);
}
