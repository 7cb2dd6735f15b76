package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import java.io.IOException;
import java.nio.file.Path;
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

  /** The tensors; {@code best} is null where there is none or it is the parameters themselves. */
  private record Content(TrainingStep.State state, @Nullable Best best) {}

  /** The numbers; {@code bestLoss} is null before the first validation. */
  private record Facts(@Nullable Double bestLoss, long bestStep, int sinceBest) {}

  /** Saves all of it. */
  Path save(Snapshots snapshots) throws IOException {
    boolean apart = best != null && best.step() != step;
    Facts facts =
        new Facts(best == null ? null : best.loss(), best == null ? 0 : best.step(), sinceBest);
    return snapshots.save(step, new Content(state, apart ? best : null), facts);
  }

  /**
   * The progress that a snapshot holds, its tensors owned by the innermost scope.
   *
   * @param like a state of the same parameters and optimiser
   * @throws TrainingException where the file is of other parameters, naming one
   */
  static Progress of(Snapshot snapshot, TrainingStep.State like) {
    Facts facts = snapshot.facts(Facts.class);
    Double loss = facts.bestLoss();
    boolean apart = loss != null && facts.bestStep() != snapshot.step();
    Content content =
        snapshot.tree(new Content(like, apart ? new Best(0, 0, like.params()) : null));
    Best stored = content.best();
    Best best =
        loss == null
            ? null
            : new Best(
                facts.bestStep(),
                loss,
                stored == null ? content.state().params() : stored.params());
    return new Progress(snapshot.step(), content.state(), best, facts.sinceBest());
  }

  Progress stepped(TrainingStep.State next) {
    return new Progress(step + 1, next, best, sinceBest);
  }

  Progress validated(double loss) {
    return best == null || loss < best.loss()
        ? new Progress(step, state, new Best(step, loss, state.params()), 0)
        : new Progress(step, state, best, sinceBest + 1);
  }
}
