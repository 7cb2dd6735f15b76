package ai.kindred.reliability;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Pass;

/**
 * An embedding table in protected memory, check bits beside it: its bytes are looked up and then
 * read as numbers, since DJL cannot share memory as bfloat16.
 *
 * @param bytes [V, D times the bytes of an element] uint8
 * @param dtype type of the elements
 */
record ProtectedTable(Tensor bytes, DType dtype) implements Embedding {

  /** What the bytes are called below the table. */
  static final String LEAF = ".bytes";

  /** The table in memory that holds it, row by row. */
  static ProtectedTable of(ProtectedTensor memory, DType dtype, long rows) {
    return new ProtectedTable(memory.tensor(DType.UINT8, rows, memory.bytes() / rows), dtype);
  }

  @Override
  public Tensor apply(Tensor ids, Pass pass) {
    return bytes.embedding(ids).viewAs(dtype);
  }

  /** A copy of the table in the order of its rows. */
  @Override
  public Tensor weight() {
    return bytes.viewAs(dtype);
  }
}
