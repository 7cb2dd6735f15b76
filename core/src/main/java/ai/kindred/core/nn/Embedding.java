package ai.kindred.core.nn;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;

/**
 * From token ids to rows: the seam for soft prompts and other rows that are not in the vocabulary.
 */
public interface Embedding {

  /** From ids [T] to [T, D]. */
  Tensor apply(Tensor ids, Pass pass);

  /** Type of the rows. */
  default DType dtype() {
    return weight().dtype();
  }

  /** The table [V, D] that a tied output product shares. */
  Tensor weight();
}
