package ai.kindred.core.kernel;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * Named tensors with the algebra of a vector: what optimisers, clients and checkpoints see of a
 * model. Immutable; every operation makes new tensors.
 */
public final class Params {

  private final Map<String, Tensor> leaves;

  /** Parameters in the map's order, or by name where the map has none. */
  public Params(Map<String, Tensor> leaves) {
    this.leaves = Collections.unmodifiableMap(Tree.ordered(leaves));
  }

  /** The tensors by path. */
  public Map<String, Tensor> asMap() {
    return leaves;
  }

  /** The tensor of a path. */
  public Tensor get(String path) {
    Tensor t = leaves.get(path);
    if (t == null) {
      throw new IllegalArgumentException(
          "no parameter is called " + path + "; there are " + leaves.keySet());
    }
    return t;
  }

  /** Number of elements in all. */
  public long elements() {
    return leaves.values().stream().mapToLong(Tensor::elements).sum();
  }

  /** Each tensor replaced. */
  public Params map(UnaryOperator<Tensor> f) {
    Map<String, Tensor> made = new LinkedHashMap<>();
    leaves.forEach((k, t) -> made.put(k, f.apply(t)));
    return new Params(made);
  }

  /**
   * Tensors of equal path combined.
   *
   * @throws IllegalArgumentException where the paths differ
   */
  public Params zip(Params other, BinaryOperator<Tensor> f) {
    if (!leaves.keySet().equals(other.leaves.keySet())) {
      throw new IllegalArgumentException("parameters differ: " + difference(other));
    }
    Map<String, Tensor> made = new LinkedHashMap<>();
    leaves.forEach((k, t) -> made.put(k, f.apply(t, other.get(k))));
    return new Params(made);
  }

  private String difference(Params other) {
    for (String k : leaves.keySet()) {
      if (!other.leaves.containsKey(k)) {
        return k + " is only in the first";
      }
    }
    Iterator<String> rest = other.leaves.keySet().iterator();
    String k = rest.next();
    while (leaves.containsKey(k)) {
      k = rest.next();
    }
    return k + " is only in the second";
  }

  /** Sum. */
  public Params add(Params other) {
    return zip(other, Tensor::add);
  }

  /** {@code this + factor other}, in one pass over memory. */
  public Params add(Params other, double factor) {
    return zip(other, (t, o) -> t.add(o, factor));
  }

  /** Difference. */
  public Params sub(Params other) {
    return zip(other, Tensor::sub);
  }

  /** Product with a number. */
  public Params mul(double factor) {
    return map(t -> t.mul(factor));
  }

  /** Product with a one-element tensor. */
  public Params mul(Tensor factor) {
    return map(t -> t.mul(factor.to(t.dtype())));
  }

  /** Euclidean norm over all elements, as a float32 tensor without axes. */
  public Tensor norm() {
    Tensor sum = null;
    for (Tensor t : leaves.values()) {
      Tensor wide = t.to(DType.FLOAT32);
      Tensor squares = wide.mul(wide).sum();
      sum = sum == null ? squares : sum.add(squares);
    }
    if (sum == null) {
      throw new IllegalStateException("norm of no parameters");
    }
    return sum.sqrt();
  }
}
