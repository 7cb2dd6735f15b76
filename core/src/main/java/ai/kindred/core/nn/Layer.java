package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/**
 * A layer that needs to know nothing but its input: what networks for images are made of, and the
 * seam for quantised and protected filters. A mode of a network (training, observing) is another
 * tree with other layers in the same places.
 */
public interface Layer {

  /** From images [n, in, h, w], or rows [n, in], to what the next layer takes. */
  Tensor apply(Tensor x);

  /** The input as it is: stands where a layer was folded into another. */
  record Identity() implements Layer {
    @Override
    public Tensor apply(Tensor x) {
      return x;
    }
  }
}
