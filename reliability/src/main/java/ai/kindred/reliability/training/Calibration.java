package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Conv2d;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Layer;
import ai.kindred.reliability.fit.MovingRange;
import ai.kindred.reliability.fit.Quantiser;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What int8 needs to know of a network, measured once and kept from then on: were the step of a
 * weight to follow its greatest value, throttling could make new values too large by making the
 * greatest smaller.
 *
 * @param steps step of each weight by path, {@code max |w| / 127} rounded up to a bfloat16 number
 * @param ranges greatest absolute input of each layer by path, by moving average over batches
 */
public record Calibration(Map<String, Double> steps, Map<String, Double> ranges) {

  /** The authors' 0.999 is for many thousand batches; 100 batches forget the first with this. */
  private static final double DECAY = 0.97;

  private static final int BATCHES = 100;
  private static final int BATCH = 128;
  private static final double SMALLEST = 1e-6;

  private record Input(Network network, Tensor images) {}

  /** Copies. */
  public Calibration {
    steps = Map.copyOf(steps);
    ranges = Map.copyOf(ranges);
  }

  /** Measures a folded network on the first images. */
  public static Calibration of(Network network, Images images) {
    Map<String, Double> steps = new LinkedHashMap<>();
    Tree.leaves(network)
        .forEach(
            (path, t) -> {
              if (TrainedNetwork.isWeight(path)) {
                float[] w = t.toFloats();
                steps.put(
                    path,
                    (double)
                        Quantiser.int8(Quantiser.Granularity.TENSOR)
                            .quantise(w, w.length)
                            .scales()[0]);
              }
            });
    return new Calibration(steps, ranges(network, images));
  }

  @SuppressWarnings("try") // the scope works by being open
  private static Map<String, Double> ranges(Network network, Images images) {
    Map<String, MovingRange> moving = new LinkedHashMap<>();
    try (Kernel<Input, Map<String, Tensor>> greatest = Kernel.of(Calibration::greatest)) {
      for (int b = 0; b < BATCHES && b * BATCH < images.size(); b++) {
        try (Scope scope = Scope.open()) {
          int[] indices =
              IntStream.range(b * BATCH, Math.min((b + 1) * BATCH, images.size())).toArray();
          greatest
              .call(new Input(network, images.floats(indices)))
              .forEach(
                  (path, t) ->
                      moving.merge(
                          path,
                          new MovingRange(DECAY, t.item()),
                          (old, now) -> old.with(now.range())));
        }
      }
    }
    Map<String, Double> ranges = new LinkedHashMap<>();
    // Floats, as files hold them.
    moving.forEach((path, r) -> ranges.put(path, (double) (float) Math.max(SMALLEST, r.range())));
    return ranges;
  }

  /** The greatest absolute input of each layer with weights. */
  private static Map<String, Tensor> greatest(Input in) {
    Map<String, Tensor> seen = new LinkedHashMap<>();
    Network watched =
        Tree.rewrite(
            in.network(),
            Layer.class,
            (path, layer) -> {
              if (!hasWeights(layer)) {
                return layer;
              }
              return x -> {
                seen.put(path, x.abs().amax());
                return layer.apply(x);
              };
            });
    Tensor unused = watched.logits(in.images()); // layers were seen on the way
    return seen;
  }

  static boolean hasWeights(Layer layer) {
    return layer instanceof Conv2d || layer instanceof Dense;
  }
}
