package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.broadcast;
import static ai.kindred.core.kernel.Shapes.meta;
import static ai.kindred.core.kernel.Shapes.same;
import static ai.kindred.core.kernel.Shapes.with;

import java.util.ArrayList;
import java.util.List;

/** Element types and lengths of products of matrices. */
final class Products {

  private Products() {}

  static List<Meta> matmul(Object[] args) {
    Meta a = meta(args[0]);
    Meta b = meta(args[1]);
    if (a.rank() < 2 || b.rank() < 2) {
      throw new IllegalArgumentException(
          "matmul needs at least two axes, not " + a.shape() + " and " + b.shape());
    }
    Rules.sameType("matmul", a, b);
    inner(a.size(-1), b.size(-2), a, b);
    List<Dim> shape =
        new ArrayList<>(
            broadcast(a.shape().subList(0, a.rank() - 2), b.shape().subList(0, b.rank() - 2)));
    shape.add(a.size(-2));
    shape.add(b.size(-1));
    return List.of(new Meta(a.dtype(), shape));
  }

  static List<Meta> linear(Object[] args) {
    Meta x = meta(args[0]);
    Meta w = meta(args[1]);
    if (x.rank() < 1 || w.rank() != 2) {
      throw new IllegalArgumentException(
          "linear needs x [.., in] and weight [out, in], not " + x.shape() + " and " + w.shape());
    }
    Rules.sameType("linear", x, w);
    same(
        x.size(-1),
        w.size(-1),
        "x " + x.shape() + " and weight " + w.shape() + " cannot be multiplied");
    if (args[2] instanceof Tensor b) {
      if (b.rank() != 1) {
        throw new IllegalArgumentException("a bias has one axis, not " + b.shape());
      }
      same(b.size(0), w.size(0), "lengths of bias and weight [out, in]");
    }
    return List.of(new Meta(x.dtype(), with(x.shape(), -1, w.size(0))));
  }

  static List<Meta> blocked(Object[] args) {
    Meta w = meta(args[0]);
    ranks("blocked", 2, w);
    return List.of(w);
  }

  static List<Meta> addmm(Object[] args) {
    Meta y = meta(args[0]);
    Meta a = meta(args[1]);
    Meta b = meta(args[2]);
    ranks("addmm", 2, y, a, b);
    Rules.sameType("addmm", y, a);
    Rules.sameType("addmm", a, b);
    inner(a.size(-1), b.size(-2), a, b);
    same(y.size(0), a.size(0), "rows of the sum and of the product");
    same(y.size(1), b.size(1), "columns of the sum and of the product");
    return List.of(y);
  }

  static List<Meta> baddbmm(Object[] args) {
    Meta y = meta(args[0]);
    Meta a = meta(args[1]);
    Meta b = meta(args[2]);
    ranks("baddbmm", 3, a, b);
    Rules.sameType("baddbmm", y, a);
    Rules.sameType("baddbmm", a, b);
    same(a.size(0), b.size(0), "matrices of the two batches");
    inner(a.size(-1), b.size(-2), a, b);
    return List.of(Meta.of(a.dtype(), a.size(0), a.size(1), b.size(2)));
  }

  static List<Meta> attention(Object[] args) {
    Meta q = meta(args[0]);
    Meta k = meta(args[1]);
    Meta v = meta(args[2]);
    if (q.rank() < 2 || k.rank() != q.rank() || v.rank() != q.rank()) {
      throw new IllegalArgumentException(
          "attention needs queries, keys and values [.., heads, n, d] with equally many axes, not "
              + q.shape()
              + ", "
              + k.shape()
              + " and "
              + v.shape());
    }
    Rules.sameType("attention", q, k);
    Rules.sameType("attention", q, v);
    same(q.size(-1), k.size(-1), "widths of queries and keys");
    same(k.size(-2), v.size(-2), "numbers of keys and values");
    return List.of(new Meta(q.dtype(), with(q.shape(), -1, v.size(-1))));
  }

  static List<Meta> int8Linear(Object[] args) {
    Meta x = meta(args[0]);
    Meta w = meta(args[1]);
    ranks("int8Linear", 2, x, w);
    same(x.size(-1), w.size(-1), "input width and weight width");
    return List.of(Meta.of(x.dtype(), x.size(0), w.size(0)));
  }

  private static void inner(Dim x, Dim y, Meta a, Meta b) {
    same(x, y, "shapes " + a.shape() + " and " + b.shape() + " cannot be multiplied");
  }

  private static void ranks(String what, int rank, Meta... metas) {
    for (Meta m : metas) {
      if (m.rank() != rank) {
        throw new IllegalArgumentException(
            what + " needs tensors of " + rank + " axes, not " + m.shape());
      }
    }
  }
}
