package ai.kindred.core.train;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;

/**
 * How a model is trained, apart from what and on what.
 *
 * @param steps optimiser steps in all
 * @param schedule learning rate of each step
 * @param optimizer rule of a step
 * @param clipNorm largest norm of a step's gradient over all parameters; a larger one is scaled
 *     down to it. 0: never
 * @param seed of everything random in the objective
 * @param validateEvery steps from one validation to the next; the last step is always validated. 0:
 *     it alone
 * @param patience validations without a new best after which training ends. 0: never
 * @param checkpointEvery steps from one checkpoint to the next; the last step always has one. 0: it
 *     alone
 * @param keepCheckpoints number of checkpoints that stay; with 2 there is one left when the newest
 *     is damaged
 */
public record TrainingConfig(
    @Doc("optimiser steps in all") @Range(min = 1) long steps,
    @Doc("learning rate of each step") Schedule schedule,
    @Doc("rule of a step") Optimizer optimizer,
    @Doc("largest norm of a gradient; 0: any") @Range(min = 0) double clipNorm,
    @Doc("seed of dropout and the like") long seed,
    @Doc("steps between validations; 0: at the end alone") @Range(min = 0) long validateEvery,
    @Doc("validations without a new best that end training; 0: never") @Range(min = 0) int patience,
    @Doc("steps between checkpoints; 0: at the end alone") @Range(min = 0) long checkpointEvery,
    @Doc("checkpoints that stay") @Range(min = 1) int keepCheckpoints) {

  /** Checks the numbers. */
  public TrainingConfig {
    require(steps >= 1, "steps", steps, "at least 1");
    require(clipNorm >= 0, "clipNorm", clipNorm, "0 (no clipping) or more");
    require(validateEvery >= 0, "validateEvery", validateEvery, "0 (at the end) or more");
    require(patience >= 0, "patience", patience, "0 (never) or more");
    require(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "0 (at the end) or more");
    require(keepCheckpoints >= 1, "keepCheckpoints", keepCheckpoints, "at least 1");
  }

  private static void require(boolean holds, String name, Number value, String right) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + right);
    }
  }

  /**
   * AdamW, gradients clipped at norm 1, seed 0, validation at the end, a checkpoint every 100 steps
   * of which 2 stay.
   */
  public static TrainingConfig defaults(long steps, Schedule schedule) {
    return new TrainingConfig(steps, schedule, AdamW.defaults(), 1, 0, 0, 0, 100, 2);
  }

  /** With another optimiser. */
  public TrainingConfig withOptimizer(Optimizer other) {
    return new TrainingConfig(
        steps,
        schedule,
        other,
        clipNorm,
        seed,
        validateEvery,
        patience,
        checkpointEvery,
        keepCheckpoints);
  }

  /** With another bound of the gradient's norm. */
  public TrainingConfig withClipNorm(double norm) {
    return new TrainingConfig(
        steps,
        schedule,
        optimizer,
        norm,
        seed,
        validateEvery,
        patience,
        checkpointEvery,
        keepCheckpoints);
  }

  /** With another seed. */
  public TrainingConfig withSeed(long other) {
    return new TrainingConfig(
        steps,
        schedule,
        optimizer,
        clipNorm,
        other,
        validateEvery,
        patience,
        checkpointEvery,
        keepCheckpoints);
  }

  /** With validation every so many steps, and an early end. */
  public TrainingConfig withValidation(long every, int patienceInValidations) {
    return new TrainingConfig(
        steps,
        schedule,
        optimizer,
        clipNorm,
        seed,
        every,
        patienceInValidations,
        checkpointEvery,
        keepCheckpoints);
  }

  /** With a checkpoint every so many steps, of which the last few stay. */
  public TrainingConfig withCheckpoints(long every, int keep) {
    return new TrainingConfig(
        steps, schedule, optimizer, clipNorm, seed, validateEvery, patience, every, keep);
  }
}
