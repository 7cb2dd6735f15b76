package ai.kindred.core.kernel;

import java.util.List;
import java.util.function.Function;

/** Stands for a tensor of a kernel that is being traced. */
final class Symbol extends Tensor {

  private final int id;
  private final Meta meta;

  Symbol(int id, Meta meta) {
    this.id = id;
    this.meta = meta;
  }

  /** A symbol whose lengths are expressed over itself. */
  Symbol(int id, Function<Symbol, Meta> meta) {
    this.id = id;
    this.meta = meta.apply(this);
  }

  int id() {
    return id;
  }

  @Override
  Meta meta() {
    return meta;
  }

  @Override
  public List<Dim> shape() {
    return meta.shape();
  }

  @Override
  public DType dtype() {
    return meta.dtype();
  }

  @Override
  public Dim toDim() {
    requireNumber();
    return Dim.of(new Dim.Item(this), null);
  }

  @Override
  public String toString() {
    return "Symbol s" + id + " " + meta.dtype() + meta.shape();
  }
}
