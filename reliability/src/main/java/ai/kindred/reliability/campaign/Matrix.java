package ai.kindred.reliability.campaign;

/**
 * Weights that lie together in memory, row by row.
 *
 * @param name unique in its network
 * @param size number of weights
 * @param perScale how many neighbours share a quantisation scale: all of them, as in the paper, or
 *     a row
 * @param step the step of int8 that training has kept to; 0 to take the greatest weight over 127
 */
public record Matrix(String name, int size, int perScale, double step) {

  /** Checks the sizes. */
  public Matrix {
    if (size < 1 || perScale < 1 || size % perScale != 0 || !(step >= 0)) {
      throw new IllegalArgumentException(
          name
              + ": "
              + size
              + " weights, "
              + perScale
              + " a scale, with a step of "
              + step
              + "; scales divide the weights, steps are not negative");
    }
  }

  /** A matrix with one scale for all. */
  public static Matrix whole(String name, int size) {
    return new Matrix(name, size, size, 0);
  }

  /** Whether all weights share one scale. */
  boolean isWhole() {
    return perScale == size;
  }
}
