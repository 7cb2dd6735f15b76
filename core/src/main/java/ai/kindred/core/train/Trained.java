package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;

/**
 * What training ended with. The tensors belong to the scope that was innermost when it began.
 *
 * @param params after the last step
 * @param best those of the lowest validation loss; {@code params} where there was no validation
 * @param bestLoss that loss; NaN where there was no validation
 * @param bestStep steps taken when it was measured
 * @param steps steps taken in all, those before a resumption included
 * @param end why it ended
 */
public record Trained(
    Params params, Params best, double bestLoss, long bestStep, long steps, End end) {

  /** Why training ended. */
  public enum End {
    /** All steps were taken. */
    FINISHED,
    /** An observer said stop. */
    OBSERVER,
    /** Validation did not get better for as long as the patience lasted. */
    PATIENCE
  }
}
