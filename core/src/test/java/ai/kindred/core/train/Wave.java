package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A small network with dropout that learns sin(3 x0) + x1: the run that these tests train. */
final class Wave {

  private static final int WIDTH = 16;

  record Points(Tensor x, Tensor y) {}

  private Wave() {}

  static Params params(long seed) {
    SplittableRandom random = Key.of(seed).fold("wave").random();
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    leaves.put("inner.weight", normal(random, WIDTH, 2));
    leaves.put("inner.bias", Tensor.zeros(DType.FLOAT32, WIDTH));
    leaves.put("outer.weight", normal(random, 1, WIDTH));
    return new Params(leaves);
  }

  private static Tensor normal(SplittableRandom random, int rows, int columns) {
    float[] f = new float[rows * columns];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) random.nextGaussian();
    }
    return Tensor.of(f, rows, columns);
  }

  static Tensor loss(Params params, Points batch, Tensor key, double dropout) {
    Tensor h = batch.x().linear(params.get("inner.weight"), params.get("inner.bias")).tanh();
    if (dropout > 0) {
      Tensor kept = Tensor.rand(key, DType.FLOAT32, h.shape().toArray(Dim[]::new)).ge(dropout);
      h = h.mul(kept).div(1 - dropout);
    }
    return h.linear(params.get("outer.weight")).sub(batch.y()).pow(2).mean();
  }

  static final Objective<Points> WITH_DROPOUT = (p, b, key) -> loss(p, b, key, 0.1);
  static final Objective<Points> PLAIN = (p, b, key) -> loss(p, b, key, 0);

  static Batch<Points> batch(long step, int size) {
    SplittableRandom random = Key.of(5).fold("points").fold(step).random();
    float[] x = new float[2 * size];
    float[] y = new float[size];
    for (int i = 0; i < size; i++) {
      x[2 * i] = (float) random.nextDouble(-1, 1);
      x[2 * i + 1] = (float) random.nextDouble(-1, 1);
      y[i] = (float) Math.sin(3 * x[2 * i]) + x[2 * i + 1];
    }
    return Batch.of(new Points(Tensor.of(x, size, 2), Tensor.of(y, size, 1)), size);
  }

  static final Batches<Points> BATCHES = Batches.single(step -> batch(step, 32));

  static TrainingConfig config(long steps) {
    return TrainingConfig.defaults(steps, new Schedule.Constant(0.02, 5)).withSeed(3);
  }

  /** Batches in two parts a step, to be added up. */
  static final Batches<Points> PARTS =
      step -> List.of(batch(2 * step, 20), batch(2 * step + 1, 12));

  static Training<Points> saved(TrainingConfig config, Path folder) {
    return Training.of(config, WITH_DROPOUT, PARTS).savedTo(folder, Map.of("data", "wave"));
  }

  /** The killed process: trains, writes the result, and is not expected to come so far. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    TrainingConfig config = config(Long.parseLong(args[1])).withCheckpoints(3, 2);
    saved(config, folder)
        .observedBy(
            event -> {
              if (event.kind().equals("train")) {
                try {
                  // One byte a step tells the parent how far the run is.
                  System.out.write('.');
                  System.out.flush();
                  Thread.sleep(10);
                } catch (InterruptedException e) {
                  throw new UncheckedIOException(new IOException(e));
                }
              }
              return Signal.CONTINUE;
            })
        .run(params(1));
  }
}
