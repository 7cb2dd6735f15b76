package ai.kindred.reliability;

import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.reliability.Arena.Span;
import java.util.Collection;

/**
 * Memory for the products of a model, so that weights of products in a row lie in a row, and so do
 * their scales and working copies.
 */
final class ProductMemory {

  private final Arena weights;
  private final Arena scales;
  private final Arena copies;
  private final boolean hasCopies;

  private ProductMemory(long weights, long scales, boolean hasCopies) {
    this.weights = new Arena(weights);
    this.scales = new Arena(scales);
    this.copies = new Arena(hasCopies ? weights : 0);
    this.hasCopies = hasCopies;
  }

  /** Memory for some products; adapters get none. */
  static ProductMemory of(Collection<Linear> products, Reading reading) {
    long weights = 0;
    long scales = 0;
    for (Linear l : products) {
      if (!(l instanceof Adapter)) {
        weights += (l.in() * l.out() + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        scales += (l.out() * Float.BYTES + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
      }
    }
    return new ProductMemory(weights, scales, reading == Reading.WORKING_COPY);
  }

  /** For the next product's weights. */
  Span weights(int bytes) {
    return weights.next(bytes);
  }

  /** For the next product's scales, float32. */
  Span scales(int count) {
    return scales.next(Math.multiplyExact(count, Float.BYTES));
  }

  /** Gives a tensor of weights a place for its working copy. */
  void copyOf(ProtectedTensor product) {
    if (hasCopies) {
      product.copyTo(copies.next(product.bytes()));
    }
  }
}
