package ai.kindred.federated.server;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Parameters as one vector of double, and back. */
final class FlatVector {

  private FlatVector() {}

  /** All numbers in the order of the parameters. */
  static INDArray of(Params params) {
    double[] all = new double[Math.toIntExact(params.elements())];
    int at = 0;
    for (Tensor t : params.asMap().values()) {
      double[] part = t.toDoubles();
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return Nd4j.createFromArray(all);
  }

  /** The vector in the shapes and types of {@code like}. */
  static Params like(Params like, INDArray vector) {
    double[] all = vector.toDoubleVector();
    Map<String, Tensor> made = new LinkedHashMap<>();
    int at = 0;
    for (Map.Entry<String, Tensor> e : like.asMap().entrySet()) {
      long[] shape = e.getValue().lengths();
      int n = Math.toIntExact(e.getValue().elements());
      double[] part = new double[n];
      System.arraycopy(all, at, part, 0, n);
      at += n;
      made.put(e.getKey(), Tensor.of(part, shape).to(e.getValue().dtype()));
    }
    return new Params(made);
  }
}
