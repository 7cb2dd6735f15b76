package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/** A product with a matrix: the seam for adapters, quantised and protected weights. */
public interface Linear {

  /** From x [T, in] to [T, out], in the type of x. */
  Tensor apply(Tensor x, Pass pass);

  /** Input width. */
  long in();

  /** Output width. */
  long out();
}
