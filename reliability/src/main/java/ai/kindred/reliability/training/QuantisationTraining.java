package ai.kindred.reliability.training;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Layer;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Optimizer;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Sgd;
import ai.kindred.core.train.Trained;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.QuantisedInput;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Quantisation-aware training, starting from a network trained in floats: weights and inputs of
 * layers are rounded to int8 on the way forward, gradients pass straight through. With throttling
 * (QATT: Guan et al., NeurIPS 2019, arXiv:1910.14479, steps 1 to 5 of the authors' code), each
 * step's float weights are moved to where seven of each eight int8 values lie in [-64, 63]:
 *
 * <pre>
 * q = round(w / s)          w becomes w bound / q where q is beyond its bound
 * </pre>
 *
 * <p>From the authors' code: SGD with momentum 0.9, weight decay 1e-4 and a constant rate, five
 * validations an epoch, the best weights kept. Ours: the steps s are kept as they were ({@link
 * Calibration}), the number of steps does not depend on the accuracy reached, so that methods are
 * trained alike, and the rate is for networks of this size.
 *
 * @param steps optimiser steps
 * @param batch images a step
 * @param rate constant learning rate
 * @param momentum of SGD
 * @param weightDecay of SGD
 * @param validateEvery steps from one validation to the next
 */
public record QuantisationTraining(
    @Doc("optimiser steps") @Range(min = 1) long steps,
    @Doc("images a step") @Range(min = 1) int batch,
    @Doc("constant learning rate") @Range(above = 0) double rate,
    @Doc("share of the last direction that is kept") @Range(min = 0, below = 1) double momentum,
    @Doc("strength of the L2 penalty") @Range(min = 0) double weightDecay,
    @Doc("steps between validations") @Range(min = 1) long validateEvery) {

  /** Two epochs of so many images, five validations each. */
  public static QuantisationTraining of(Images images) {
    long epoch = Math.max(5, images.size() / 128);
    return new QuantisationTraining(2 * epoch, 128, 1e-3, 0.9, 1e-4, epoch / 5);
  }

  Optimizer optimizer() {
    return new Sgd(momentum, weightDecay);
  }

  /**
   * Trains.
   *
   * @param from trained in floats
   * @param method {@link Method#INT8} or {@link Method#QATT}
   * @param seed of the order of images
   * @param validation images that choose among the steps' weights
   * @return owned by the innermost scope; its weights are whole multiples of their steps, and after
   *     QATT the in-place code fits all of them
   */
  public TrainedNetwork run(
      TrainedNetwork from,
      Method method,
      long seed,
      Images images,
      Images validation,
      Observer observer) {
    if (method != Method.INT8 && method != Method.QATT) {
      throw new IllegalArgumentException("this trains INT8 and QATT, not " + method);
    }
    boolean throttled = method == Method.QATT;
    Calibration calibration = calibration(from, images);
    Key key = Key.of(seed).fold(from.config().architecture().name()).fold("quantisation");
    Network network =
        Scope.tidy(
            () -> {
              Network rounded = rounding(from.network(), calibration, throttled);
              Network start = throttled ? moved(from.network(), calibration) : from.network();
              try (Accuracy accuracy = new Accuracy(validation)) {
                TrainingConfig config =
                    TrainingConfig.defaults(steps, new Schedule.Constant(rate, 0))
                        .withOptimizer(optimizer())
                        .withClipNorm(0)
                        .withSeed(seed)
                        .withValidation(validateEvery, 0);
                Trained trained =
                    Training.of(
                            config,
                            (params, b, random) -> b.loss(Tree.with(rounded, params)),
                            ImageBatch.shuffled(images, batch, key))
                        .projectedBy(
                            params -> throttled ? moved(params, calibration.steps()) : params)
                        .observedBy(observer)
                        .validatedBy(params -> 100 - accuracy.of(Tree.with(rounded, params)))
                        .run(Tree.params(start));
                return exported(Tree.with(from.network(), trained.best()), calibration, throttled);
              }
            });
    return TrainedNetwork.of(
        new TrainedNetwork.Config(from.config().architecture(), method, seed),
        network,
        calibration.steps(),
        calibration.ranges());
  }

  static Calibration calibration(TrainedNetwork from, Images images) {
    if (from.config().method() != Method.FLOAT) {
      throw new IllegalArgumentException(
          "quantisation-aware training starts from a network trained in floats, not by "
              + from.config().method());
    }
    return Calibration.of(from.network(), images);
  }

  /** The network's tree for training: every layer with weights rounds them and its input. */
  static Network rounding(Network network, Calibration c, boolean throttled) {
    return Tree.rewrite(
        network,
        Layer.class,
        (path, layer) ->
            Calibration.hasWeights(layer)
                ? new QuantisedInput(
                    new FakeWeights(
                        layer, c.steps().getOrDefault(path + ".weight", 0.0), throttled),
                    c.ranges().getOrDefault(path, 0.0))
                : layer);
  }

  /** Weights as whole multiples of their steps. */
  static Network exported(Network network, Calibration c, boolean throttled) {
    return Tree.mapPaths(
        network,
        (path, t) -> {
          Double step = c.steps().get(path);
          return step == null ? t : FakeWeights.quantised(t, step, throttled);
        });
  }

  private static Network moved(Network network, Calibration c) {
    return Tree.with(network, moved(Tree.params(network), c.steps()));
  }

  /** Float weights moved to where their int8 values are within bounds. */
  private static Params moved(Params params, Map<String, Double> steps) {
    Map<String, Tensor> kept = new LinkedHashMap<>();
    params
        .asMap()
        .forEach(
            (path, t) -> {
              Double step = steps.get(path);
              kept.put(path, step == null ? t : Throttle.masters(t, step));
            });
    return new Params(kept);
  }
}
