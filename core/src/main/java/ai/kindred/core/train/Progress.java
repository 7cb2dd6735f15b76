package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: all that the rest of it depends on, besides its config and data.
 *
 * @param step number of steps taken
 * @param state parameters and optimiser
 * @param best the best validation so far; null before the first
 * @param sinceBest validations since then
 */
record Progress(long step, TrainingStep.State state, @Nullable Best best, int sinceBest) {

  /** A validation and its parameters. */
  record Best(long step, double loss, Params params) {}

  Progress stepped(TrainingStep.State next) {
    return new Progress(step + 1, next, best, sinceBest);
  }

  Progress validated(double loss) {
    return best == null || loss < best.loss()
        ? new Progress(step, state, new Best(step, loss, state.params()), 0)
        : new Progress(step, state, best, sinceBest + 1);
  }
}
