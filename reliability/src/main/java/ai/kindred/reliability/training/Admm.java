package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.Held;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.train.Batch;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.TrainingException;
import ai.kindred.core.train.TrainingStep;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The paper's first attempt, by the alternating direction method of multipliers: rounded weights W
 * are drawn towards Z, which keeps the bounds, and U remembers by how much they have missed them.
 *
 * <pre>
 * minimise  cross-entropy + beta / 2 sum over layers of ||W - Z + U||
 * from time to time  Z = W + U clamped outside slot 7        U = U + W - Z
 * </pre>
 *
 * <p>The norm is not squared, beta is 1.5e-3 and Z and U change five times an epoch, as in the
 * authors' code. Weights are drawn to the bounds and never forced, so some stay beyond; the clamp
 * at the end takes its toll, which is why the paper throttles instead.
 *
 * @param training steps, batches and optimiser, as for the other methods
 * @param beta strength of the pull
 * @param updateEvery steps from one change of Z and U to the next
 */
public record Admm(QuantisationTraining training, double beta, long updateEvery) {

  /** As in the authors' code, for so many images. */
  public static Admm of(Images images) {
    QuantisationTraining training = QuantisationTraining.of(images);
    return new Admm(training, 1.5e-3, training.validateEvery());
  }

  /** A batch, and Z - U for each weight. */
  private record Pulled(ImageBatch images, Params target) {}

  /** What the pull needs: rounded weights' bounds and their misses. */
  private record Duals(Params z, Params u) {}

  /**
   * What came of it.
   *
   * @param network clamped
   * @param violations int8 values beyond their bounds before the clamp
   */
  public record Result(TrainedNetwork network, long violations) {}

  /**
   * Trains, then clamps.
   *
   * @param from trained in floats
   * @param observer sees an event "admm" with the number of {@code violations} at each change of Z
   */
  public Result run(TrainedNetwork from, long seed, Images images, Observer observer) {
    Calibration calibration = QuantisationTraining.calibration(from, images);
    Key key = Key.of(seed).fold(from.config().architecture().name()).fold("quantisation");
    Map<String, Double> steps = calibration.steps();
    Network rounding = QuantisationTraining.rounding(from.network(), calibration, false);
    Batches<ImageBatch> batches = ImageBatch.shuffled(images, training.batch(), key);
    long[] violations = {0};
    Network network =
        Scope.tidy(
            () -> {
              Params masters = trained(from, rounding, steps, batches, seed, observer);
              violations[0] = violations(masters, steps);
              return QuantisationTraining.exported(
                  Tree.with(from.network(), masters), calibration, true);
            });
    TrainedNetwork made =
        TrainedNetwork.of(
            new TrainedNetwork.Config(from.config().architecture(), Method.ADMM, seed),
            network,
            steps,
            calibration.ranges());
    return new Result(made, violations[0]);
  }

  private Params trained(
      TrainedNetwork from,
      Network rounding,
      Map<String, Double> steps,
      Batches<ImageBatch> batches,
      long seed,
      Observer observer) {
    Key random = Key.of(seed).fold("training");
    try (TrainingStep<Pulled> step =
            new TrainingStep<>(
                (params, b, unused) -> loss(rounding, params, b, steps), training.optimizer(), 0);
        Held<TrainingStep.State> state =
            Held.of(step.start(Tree.params(from.network()).map(Tensor::copy)))) {
      Params weights = weights(state.get().params(), steps);
      Duals duals = new Duals(clamped(weights, steps), weights.mul(0));
      for (long at = 0; at < training.steps(); at++) {
        long now = at;
        Params target = duals.z().sub(duals.u());
        TrainingStep.Result result =
            Scope.tidy(
                () -> {
                  ImageBatch batch = batches.at(now).get(0).tensors();
                  Batch<Pulled> pulled = Batch.of(new Pulled(batch, target), training.batch());
                  return step.run(state.get(), List.of(pulled), training.rate(), random.fold(now));
                });
        if (!result.isFinite()) {
          throw new TrainingException(
              "step " + (at + 1) + ": the loss is " + result.loss() + "; lower the learning rate");
        }
        state.set(result.state());
        observer.on(new Event(at + 1, "train").with("loss", result.loss()));
        if ((at + 1) % updateEvery == 0) {
          Params w = weights(state.get().params(), steps);
          Params z = clamped(w.add(duals.u()), steps);
          duals = new Duals(z, duals.u().add(w).sub(z));
          long beyond = violations(state.get().params(), steps);
          observer.on(new Event(at + 1, "admm").with("violations", beyond));
        }
      }
      return state.get().params().map(Tensor::copy);
    }
  }

  private Tensor loss(Network rounding, Params params, Pulled batch, Map<String, Double> steps) {
    Tensor loss = batch.images().loss(Tree.with(rounding, params));
    for (Map.Entry<String, Tensor> target : batch.target().asMap().entrySet()) {
      Tensor rounded =
          FakeWeights.straightThrough(
              params.get(target.getKey()), steps.getOrDefault(target.getKey(), 1.0), false);
      // Away from zero, where a norm has no slope.
      Tensor norm = rounded.sub(target.getValue()).pow(2).sum().add(1e-12).sqrt();
      loss = loss.add(norm.mul(beta / 2));
    }
    return loss;
  }

  /** Rounded weights alone. */
  private static Params weights(Params params, Map<String, Double> steps) {
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    steps.forEach(
        (path, step) -> rounded.put(path, FakeWeights.quantised(params.get(path), step, false)));
    return new Params(rounded);
  }

  private static Params clamped(Params weights, Map<String, Double> steps) {
    Map<String, Tensor> made = new LinkedHashMap<>();
    weights
        .asMap()
        .forEach(
            (path, t) ->
                made.put(path, FakeWeights.quantised(t, steps.getOrDefault(path, 1.0), true)));
    return new Params(made);
  }

  private static long violations(Params params, Map<String, Double> steps) {
    return steps.entrySet().stream()
        .mapToLong(e -> Throttle.violations(params.get(e.getKey()), e.getValue()))
        .sum();
  }
}
