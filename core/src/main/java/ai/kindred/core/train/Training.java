package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: a plain sequence of steps that tells observers what happened, validates, ends
 * early, and saves checkpoints from which it resumes to the same bits.
 *
 * <pre>{@code
 * TrainingConfig config = TrainingConfig.defaults(1000, new Schedule.Cosine(1e-3, 50, 1000, 0.1));
 * Trained trained = Training.of(config, objective, batches)
 *     .observedBy(observer)
 *     .validatedBy(heldOut)                                  // a MeanLoss, or any other number
 *     .savedTo(folder, Map.of("model", name, "data", checksum))
 *     .run(Tree.params(model, Adapter.class));
 * }</pre>
 *
 * <p>Events are "train" after each step ({@code loss} before it, {@code grad_norm} before clipping,
 * {@code rate}, {@code tokens_per_second}, {@code examples_per_second}), "eval" after each
 * validation ({@code loss}) and "checkpoint" ({@code file}).
 *
 * @param config how to train
 * @param objective what to make small
 * @param batches the data
 * @param observer sees events and may end the run
 * @param validation a number to be low, of parameters that must not be changed or kept; null for
 *     none
 * @param folder where checkpoints go; null for none
 * @param identity what else a checkpoint must agree on to be resumed: base model, data
 * @param projection what a step's parameters are put through, the identity for none
 * @param <B> a batch's tree of tensors
 */
public record Training<B>(
    TrainingConfig config,
    Objective<B> objective,
    Batches<B> batches,
    Observer observer,
    @Nullable ToDoubleFunction<Params> validation,
    @Nullable Path folder,
    Map<String, String> identity,
    UnaryOperator<Params> projection) {

  /** Copies. */
  public Training {
    identity = Map.copyOf(identity);
  }

  /** Training that nobody watches and that saves nothing. */
  public static <B> Training<B> of(
      TrainingConfig config, Objective<B> objective, Batches<B> batches) {
    return new Training<>(
        config,
        objective,
        batches,
        event -> Signal.CONTINUE,
        null,
        null,
        Map.of(),
        UnaryOperator.identity());
  }

  /** With one more observer. */
  public Training<B> observedBy(Observer another) {
    Observer both = Observer.all(List.of(observer, another));
    return new Training<>(
        config, objective, batches, both, validation, folder, identity, projection);
  }

  /** With a number of the parameters that should become low. */
  public Training<B> validatedBy(ToDoubleFunction<Params> loss) {
    return new Training<>(config, objective, batches, observer, loss, folder, identity, projection);
  }

  /**
   * With checkpoints. Where the folder has one, the run goes on from it.
   *
   * @param same what a checkpoint must agree on to be resumed
   */
  public Training<B> savedTo(Path checkpoints, Map<String, String> same) {
    return new Training<>(
        config, objective, batches, observer, validation, checkpoints, same, projection);
  }

  /**
   * With parameters kept where they may be: what each step gives is projected there (projected
   * gradient descent). The initial ones are not.
   *
   * @param ontoConstraints tensor operations alone, traced into the step's kernel
   */
  public Training<B> projectedBy(UnaryOperator<Params> ontoConstraints) {
    return new Training<>(
        config, objective, batches, observer, validation, folder, identity, ontoConstraints);
  }

  /**
   * Number of steps that the newest whole checkpoint of a folder holds, from which a run would go
   * on; 0 where there is none.
   *
   * @throws TrainingException where the folder has checkpoints and all are damaged
   */
  public static long savedSteps(Path checkpoints) {
    Snapshot newest = Snapshots.newest(checkpoints);
    return newest == null ? 0 : newest.step();
  }

  /**
   * Trains, or goes on with, these parameters.
   *
   * @param initial where to start; neither changed nor freed
   * @throws TrainingException where loss or gradient is not finite, a checkpoint cannot be written,
   *     or the folder's checkpoints are damaged or of another run
   * @throws TrainingInterruptedException where the thread was interrupted
   */
  public Trained run(Params initial) {
    try (TrainingStep<B> step =
        new TrainingStep<>(objective, config.optimizer(), config.clipNorm(), projection)) {
      return new TrainingLoop<>(this, step).run(initial);
    }
  }
}
