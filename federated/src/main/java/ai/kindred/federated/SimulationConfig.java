package ai.kindred.federated;

import ai.kindred.core.config.Range;

/**
 * How a simulation runs.
 *
 * @param rounds in all
 * @param seed everything random follows from it
 * @param training what a client trains in a round
 * @param evaluateEvery rounds between evaluations, or 0 for the last round only
 * @param checkpointEvery rounds between checkpoints, or 0 for the last round only
 * @param keepCheckpoints how many are kept
 * @param stackable whether clients may run side by side in one call
 */
public record SimulationConfig(
    @Range(min = 1) long rounds,
    long seed,
    LocalTraining training,
    @Range(min = 0) long evaluateEvery,
    @Range(min = 0) long checkpointEvery,
    @Range(min = 1) int keepCheckpoints,
    boolean stackable) {

  /** Checks the ranges. */
  public SimulationConfig {
    if (rounds < 1 || evaluateEvery < 0 || checkpointEvery < 0 || keepCheckpoints < 1) {
      throw new IllegalArgumentException(
          ("a simulation needs rounds and checkpoints kept of at least 1 and intervals of at least"
                  + " 0, not rounds %d, evaluate every %d, checkpoint every %d, keep %d")
              .formatted(rounds, evaluateEvery, checkpointEvery, keepCheckpoints));
    }
  }

  /** Evaluated and saved ten times, two checkpoints kept, clients side by side where it pays. */
  public static SimulationConfig of(long rounds, long seed, LocalTraining training) {
    long tenth = Math.max(1, rounds / 10);
    return new SimulationConfig(rounds, seed, training, tenth, tenth, 2, true);
  }
}
