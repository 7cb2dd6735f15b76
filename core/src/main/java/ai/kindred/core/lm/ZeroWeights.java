package ai.kindred.core.lm;

import ai.kindred.core.io.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;

/** Zeros of whatever shape is asked for. */
record ZeroWeights() implements ModelFolder.Weights {

  @Override
  public StoredTensor get(String name, long... shape) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return StoredTensor.of(new float[Math.toIntExact(elements)], shape);
  }

  @Override
  public boolean has(String name) {
    return true;
  }

  @Override
  public Path path() {
    return Path.of("zeros");
  }
}
