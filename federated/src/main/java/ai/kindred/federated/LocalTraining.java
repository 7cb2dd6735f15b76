package ai.kindred.federated;

import ai.kindred.core.config.Range;

/**
 * How much a client trains in a round.
 *
 * @param batch examples a step
 * @param epochs passes over the client's examples; the order is drawn anew for each
 * @param steps steps instead of epochs, or 0
 * @param wholeBatches whether a last batch with fewer examples is left out (a client with fewer
 *     than one batch trains on what it has)
 * @param shuffled whether examples are drawn in random order
 */
public record LocalTraining(
    @Range(min = 1) int batch,
    @Range(min = 1) int epochs,
    @Range(min = 0) int steps,
    boolean wholeBatches,
    boolean shuffled) {

  /** Checks the ranges. */
  public LocalTraining {
    if (batch < 1 || epochs < 1 || steps < 0) {
      throw new IllegalArgumentException(
          "local training needs a batch and epochs of at least 1 and steps of at least 0, not "
              + "batch %d, epochs %d, steps %d".formatted(batch, epochs, steps));
    }
  }

  /** Epochs in batches, shuffled, partial batches kept. */
  public static LocalTraining epochs(int epochs, int batch) {
    return new LocalTraining(batch, epochs, 0, false, true);
  }

  /** A number of steps in batches, shuffled, partial batches kept. */
  public static LocalTraining steps(int steps, int batch) {
    return new LocalTraining(batch, 1, steps, false, true);
  }

  /** Batches in one pass over {@code examples} examples. */
  int batchesAPass(int examples) {
    int whole = examples / batch;
    return wholeBatches && whole > 0 ? whole : (examples + batch - 1) / batch;
  }

  /** Steps of a client with {@code examples} examples. */
  int stepsOf(int examples) {
    if (steps > 0) {
      return steps;
    }
    return Math.multiplyExact(epochs, batchesAPass(examples));
  }
}
