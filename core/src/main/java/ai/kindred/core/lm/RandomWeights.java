package ai.kindred.core.lm;

import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Key;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The weights of a network before training, as GPT-2 draws them: norms that change nothing, biases
 * of 0, all else normal with deviation 0.02, but 0.02 / sqrt(2 layers) for the products that add to
 * the residual stream, since 2 layers terms add up there.
 */
record RandomWeights(ModelConfig config, Key key) implements ModelFolder.Weights {

  private static final double DEVIATION = 0.02;

  @Override
  public StoredTensor get(String name, long... shape) {
    float[] values =
        new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
    if (name.endsWith("norm.weight")) {
      Arrays.fill(values, (float) (1 - config.normOffset()));
    } else if (!name.endsWith(".bias")) {
      boolean residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
      double deviation = residual ? DEVIATION / Math.sqrt(2.0 * config.layers()) : DEVIATION;
      SplittableRandom random = key.fold(name).random();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
    }
    return StoredTensor.of(values, shape);
  }

  @Override
  public boolean has(String name) {
    return true;
  }

  @Override
  public Path path() {
    return Path.of("drawn weights");
  }
}
