package ai.kindred.examples.multitask;

import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.report.Progress;
import ai.kindred.core.report.ProgressObserver;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.MeanLoss;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Trained;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How adapters are trained on a suite: AdamW, cosine schedule after a warm-up of a twentieth of the
 * steps, loss on the answers alone.
 *
 * @param steps optimiser steps
 * @param batchTokens tokens of a step's packed batch
 * @param learningRate peak rate
 * @param patience validations without a lower loss after which training ends; they are made 20
 *     times on a tenth of the train instances, kept apart. 0: none is made
 * @param checkpointEvery steps from one checkpoint to the next
 * @param seed of mixing and of what is random in training
 */
public record Adaptation(
    long steps,
    int batchTokens,
    double learningRate,
    int patience,
    long checkpointEvery,
    long seed) {

  /** What these settings train a model on. */
  public TrainingData data(LanguageModel model, TaskSuite suite) {
    return new TrainingData(model, suite, batchTokens, patience > 0, seed);
  }

  /**
   * Trains a model's adapters, or goes on from the newest checkpoint.
   *
   * @param label what progress calls it
   * @param checkpoints folder of checkpoints
   * @param identity what a checkpoint must agree on to be resumed
   */
  public Trained train(
      LanguageModel adapted,
      TrainingData data,
      String label,
      Observer observer,
      Path checkpoints,
      Map<String, String> identity) {
    LanguageModelObjective objective = LanguageModelObjective.of(adapted);
    try (Progress progress = Progress.start(label, "steps", 0, steps);
        MeanLoss<TokenBatch> validation = new MeanLoss<>(objective, validation(data))) {
      Training<TokenBatch> training =
          Training.of(
                  training(),
                  objective,
                  Batches.single(s -> LanguageModelObjective.batch(data.batch(s))))
              .observedBy(observer)
              .observedBy(new ProgressObserver(progress, "train", List.of("loss")))
              .savedTo(checkpoints, identity);
      return (patience > 0 ? training.validatedBy(validation) : training)
          .run(adapted.params(Adapter.class));
    }
  }

  /** A batch's tensors are made when its turn comes, and freed after it. */
  private static Iterable<Batch<TokenBatch>> validation(TrainingData data) {
    return () -> data.validation().stream().map(LanguageModelObjective::batch).iterator();
  }

  /** The trainer's settings. */
  public TrainingConfig training() {
    long warmUp = steps == 1 ? 0 : Math.max(1, steps / 20);
    Schedule schedule = new Schedule.Cosine(learningRate, warmUp, steps, 0.1);
    TrainingConfig plain =
        TrainingConfig.defaults(steps, schedule).withSeed(seed).withCheckpoints(checkpointEvery, 2);
    return patience > 0 ? plain.withValidation(Math.max(1, steps / 20), patience) : plain;
  }
}
