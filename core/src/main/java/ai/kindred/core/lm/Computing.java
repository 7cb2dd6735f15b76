package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Pass;

/**
 * An embedding whose rows come out in another type. Rows are picked before they are cast, so that
 * the gradients of a row are added up in the table's own type.
 */
record Computing(Embedding base, DType dtype) implements Embedding {

  @Override
  public Tensor apply(Tensor ids, Pass pass) {
    return base.apply(ids, pass).to(dtype);
  }

  @Override
  public Tensor weight() {
    return base.weight().to(dtype);
  }
}
