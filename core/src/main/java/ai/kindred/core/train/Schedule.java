package ai.kindred.core.train;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;

/**
 * The learning rate of each step: a linear warm-up to the peak over the first steps (step s, from
 * 0, of w has {@code peak (s + 1) / w}, so no step is lost to a rate of zero), then what the name
 * says.
 */
public sealed interface Schedule {

  /**
   * The learning rate of a step.
   *
   * @param step number of steps before it, from 0
   */
  double rate(long step);

  /** The peak for good. */
  record Constant(
      @Doc("highest learning rate") @Range(above = 0) double peak,
      @Doc("steps of warm-up") @Range(min = 0) long warmup)
      implements Schedule {
    @Override
    public double rate(long step) {
      return peak * warm(step, warmup);
    }
  }

  /**
   * A straight line from the peak towards {@code floor peak}, which the step after the last has.
   */
  record Linear(
      @Doc("highest learning rate") @Range(above = 0) double peak,
      @Doc("steps of warm-up") @Range(min = 0) long warmup,
      @Doc("steps in all, warm-up included") @Range(min = 1) long steps,
      @Doc("share of the peak at the end") @Range(min = 0, max = 1) double floor)
      implements Schedule {
    /** Checks the warm-up against the steps. */
    public Linear {
      requireRoom(warmup, steps);
    }

    @Override
    public double rate(long step) {
      return peak * warm(step, warmup) * (1 - (1 - floor) * progress(step, warmup, steps));
    }
  }

  /**
   * Half a cosine wave from the peak to {@code floor peak} (Loshchilov and Hutter, 2017, without
   * restarts).
   */
  record Cosine(
      @Doc("highest learning rate") @Range(above = 0) double peak,
      @Doc("steps of warm-up") @Range(min = 0) long warmup,
      @Doc("steps in all, warm-up included") @Range(min = 1) long steps,
      @Doc("share of the peak at the end") @Range(min = 0, max = 1) double floor)
      implements Schedule {
    /** Checks the warm-up against the steps. */
    public Cosine {
      requireRoom(warmup, steps);
    }

    @Override
    public double rate(long step) {
      double wave = 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, steps)));
      return peak * warm(step, warmup) * (floor + (1 - floor) * wave);
    }
  }

  /** {@code peak sqrt(w / t)} at the t-th step, from 1 (Vaswani et al., 2017); for open ends. */
  record InverseSquareRoot(
      @Doc("highest learning rate") @Range(above = 0) double peak,
      @Doc("steps of warm-up") @Range(min = 1) long warmup)
      implements Schedule {
    /** Checks the warm-up. */
    public InverseSquareRoot {
      if (warmup < 1) {
        throw new IllegalArgumentException(
            "the inverse square root needs at least 1 step of warm-up, not " + warmup);
      }
    }

    @Override
    public double rate(long step) {
      double t = step + 1.0;
      return peak * Math.min(t / warmup, Math.sqrt(warmup / t));
    }
  }

  private static double warm(long step, long warmup) {
    return step < warmup ? (step + 1.0) / warmup : 1;
  }

  /** How much of the decay lies behind: 0 at the end of the warm-up, 1 after the last step. */
  private static double progress(long step, long warmup, long steps) {
    double done = (double) (step - warmup) / (steps - warmup);
    return Math.min(Math.max(done, 0), 1);
  }

  private static void requireRoom(long warmup, long steps) {
    if (warmup >= steps) {
      throw new IllegalArgumentException(
          "a warm-up of "
              + warmup
              + " steps leaves none of "
              + steps
              + " to decay; shorten it, or use a constant schedule");
    }
  }
}
