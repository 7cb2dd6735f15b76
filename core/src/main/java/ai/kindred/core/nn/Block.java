package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/**
 * One layer of a stack: the seam for whatever goes between layers, such as cross-attention to a
 * user's history.
 */
public interface Block {

  /** From x [T, D] to [T, D]. */
  Tensor apply(Tensor x, Pass pass);
}
