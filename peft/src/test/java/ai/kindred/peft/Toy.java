package ai.kindred.peft;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.List;
import java.util.stream.IntStream;

/** Layers of two products each, of different widths. */
record Toy(List<Layer> layers, Linear lmHead) {

  record Layer(Linear qProj, Linear vProj) {}

  /** What a user might write: a gain for each output. */
  record Gain(Linear base, Tensor gain) implements Adapter {
    @Override
    public Tensor delta(Tensor x, Pass pass) {
      return base.apply(x, pass).mul(gain);
    }
  }

  record GainConfig(double first, Targets targets) implements AdapterConfig {
    @Override
    public Adapter adapt(String path, Linear base, Init init) {
      return new Gain(base, init.uniform("gain", first, base.out()));
    }
  }

  static Toy of(int layers) {
    return new Toy(
        IntStream.range(0, layers)
            .mapToObj(i -> new Layer(dense(i, "q", 6), dense(i, "v", 3)))
            .toList(),
        dense(0, "head", 4));
  }

  private static Dense dense(int layer, String name, long out) {
    return new Dense(Small.random(layer + name, out, 6), null);
  }

  static Toy adapted(AdapterConfig config) {
    return Adapters.add(of(3), config, Key.of(1));
  }
}
