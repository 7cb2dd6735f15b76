package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/**
 * A table of rows.
 *
 * @param weight [V, D]
 */
public record Table(Tensor weight) implements Embedding {

  @Override
  public Tensor apply(Tensor ids, Pass pass) {
    return weight.embedding(ids);
  }
}
