package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Some columns of a larger product's result, so that several products of one input can be made at
 * once: see {@link #products}.
 *
 * @param whole the larger product
 * @param from first column
 * @param out how many columns
 */
public record Part(Linear whole, long from, long out) implements Linear {

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return whole.apply(x, pass).narrow(-1, from, out);
  }

  @Override
  public long in() {
    return whole.in();
  }

  /**
   * Products of one input; where some are parts of one larger product, adapted or not, that is made
   * once.
   */
  public static List<Tensor> products(Tensor x, Pass pass, Linear... linears) {
    Map<Linear, Tensor> wholes = new HashMap<>();
    List<Tensor> results = new ArrayList<>();
    for (Linear linear : linears) {
      results.add(product(x, pass, linear, wholes));
    }
    return results;
  }

  private static Tensor product(Tensor x, Pass pass, Linear linear, Map<Linear, Tensor> wholes) {
    if (linear instanceof Part part) {
      return wholes
          .computeIfAbsent(part.whole, whole -> whole.apply(x, pass))
          .narrow(-1, part.from, part.out);
    }
    if (linear instanceof Adapter adapter && restsOnPart(adapter)) {
      return product(x, pass, adapter.base(), wholes).add(adapter.delta(x, pass));
    }
    return linear.apply(x, pass);
  }

  private static boolean restsOnPart(Adapter adapter) {
    return adapter.base() instanceof Part
        || (adapter.base() instanceof Adapter inner && restsOnPart(inner));
  }
}
