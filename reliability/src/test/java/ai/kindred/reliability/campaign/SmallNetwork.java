package ai.kindred.reliability.campaign;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Two layers that are always right without quantisation: the labels are what they say. */
record SmallNetwork(Tensor first, Tensor bias, Tensor second) {

  private static final int IN = 9;
  private static final int CLASSES = 5;
  private static final int EXAMPLES = 300;

  static SmallNetwork drawn(Key key) {
    return new SmallNetwork(
        normal(key.fold("first"), 20, IN),
        normal(key.fold("bias"), 20),
        normal(key.fold("second"), CLASSES, 20));
  }

  private static Tensor normal(Key key, long... shape) {
    Dim[] dims = Arrays.stream(shape).mapToObj(Dim::of).toArray(Dim[]::new);
    return Tensor.randn(Tensor.of(key), DType.FLOAT32, dims);
  }

  Tensor logits(Tensor x) {
    return x.linear(first, bias).relu().linear(second);
  }

  /** Must be called in an open scope, which owns it. */
  static ClassifierTarget<SmallNetwork> target(Key key) {
    SmallNetwork network = drawn(key);
    Tensor examples = normal(key.fold("examples"), EXAMPLES, IN);
    long[] labels = Scope.tidy(() -> network.logits(examples).argmax(-1, false)).toLongs();
    return new ClassifierTarget<>(
        network,
        path -> !path.equals("bias"),
        Map.of(),
        SmallNetwork::logits,
        examples,
        Arrays.stream(labels).mapToInt(l -> (int) l).toArray(),
        128);
  }
}
