package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.data.ShuffledOrder;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import ai.kindred.reliability.network.Architecture;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains a network in floats: AdamW, half a cosine wave of the learning rate. The normalisations'
 * statistics are measured afterwards and folded into the convolutions.
 *
 * @param epochs times that the images are gone through
 * @param batch images a step
 * @param rate highest learning rate
 * @param mirrors whether each image is mirrored, or not, anew each time
 */
public record FloatTraining(int epochs, int batch, double rate, boolean mirrors) {

  private static final int MEASURED_BATCHES = 40;

  /** What the architecture takes to come close to its best. */
  public static FloatTraining of(Architecture architecture) {
    return new FloatTraining(architecture.epochs(), 128, 3e-3, architecture == Architecture.RESNET);
  }

  /** Steps for so many images. */
  public long steps(Images images) {
    return Math.max(2, (long) epochs * images.size() / batch);
  }

  /**
   * Trains.
   *
   * @param seed of weights and order
   * @return the folded network, owned by the innermost scope
   */
  public TrainedNetwork run(
      Architecture architecture, long seed, Images images, Observer observer) {
    Key key = Key.of(seed).fold(architecture.name());
    Network trained =
        Scope.tidy(
            () -> {
              Network start = architecture.random(key.fold("weights"));
              Network training = BatchNorm.training(start);
              long steps = steps(images);
              TrainingConfig config =
                  TrainingConfig.defaults(
                          steps, new Schedule.Cosine(rate, Math.min(steps / 2, 100), steps, 0))
                      .withOptimizer(AdamW.defaults());
              Params params =
                  Training.of(
                          config,
                          (p, batch, random) -> batch.loss(Tree.with(training, p)),
                          mirrors
                              ? ImageBatch.mirrored(images, batch, key)
                              : ImageBatch.shuffled(images, batch, key))
                      .observedBy(observer)
                      .run(Tree.params(start, path -> !path.contains("running_")))
                      .params();
              return measured(Tree.with(start, params), images, key).folded();
            });
    return TrainedNetwork.of(
        new TrainedNetwork.Config(architecture, TrainedNetwork.Method.FLOAT, seed),
        trained,
        Map.of(),
        Map.of());
  }

  private Network measured(Network network, Images images, Key key) {
    if (Tree.parts(network, BatchNorm.class).isEmpty()) {
      return network;
    }
    ShuffledOrder order = new ShuffledOrder(images.size(), key.fold("statistics"));
    List<Tensor> batches =
        IntStream.range(0, MEASURED_BATCHES)
            .mapToObj(i -> images.floats(order.at((long) i * batch, batch)))
            .toList();
    return BatchNorm.measured(network, Network::logits, batches);
  }
}
