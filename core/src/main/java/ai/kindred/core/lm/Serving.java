package ai.kindred.core.lm;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Attention;
import ai.kindred.core.nn.BlockedDense;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.GatedMlp;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Joinable;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a network for generation: products of one input are joined to one, and dense weights
 * lie in the order that the processor reads best. Adapters stay as they are, on top.
 */
final class Serving {

  private final DType activations;

  private Serving(DType activations) {
    this.activations = activations;
  }

  /** The network with weights of its own; small parts such as norms are shared. */
  static CausalLm of(CausalLm network, DType activations) {
    Serving serving = new Serving(activations);
    CausalLm joined =
        Tree.rewrite(
            Tree.rewrite(network, Attention.class, (path, a) -> serving.joined(a)),
            GatedMlp.class,
            (path, m) -> serving.joined(m));
    CausalLm laidOut =
        Tree.rewrite(
            joined, Linear.class, (path, l) -> l instanceof Dense d ? serving.laidOut(d) : l);
    Linear head = laidOut.lmHead();
    if (head == null) {
      head = serving.laidOut(new Dense(network.model().embedTokens().weight(), null));
    }
    return new CausalLm(laidOut.model(), head, network.finalSoftcap());
  }

  private Attention joined(Attention a) {
    List<Linear> j = joined(List.of(a.qProj(), a.kProj(), a.vProj()));
    return new Attention(
        j.get(0),
        j.get(1),
        j.get(2),
        a.oProj(),
        a.qNorm(),
        a.kNorm(),
        a.layer(),
        a.headDim(),
        a.scores(),
        a.angles());
  }

  private GatedMlp joined(GatedMlp m) {
    List<Linear> j = joined(List.of(m.gateProj(), m.upProj()));
    return new GatedMlp(j.get(0), j.get(1), m.downProj(), m.activation());
  }

  /** Products of one input as parts of one, where their weights are of one kind. */
  private List<Linear> joined(List<Linear> products) {
    List<Linear> bases = products.stream().map(Serving::base).toList();
    Linear whole = dense(bases).or(() -> int8(bases)).or(() -> joinable(bases)).orElse(null);
    if (whole == null) {
      return products;
    }
    List<Linear> parts = new ArrayList<>();
    long from = 0;
    for (int i = 0; i < products.size(); i++) {
      Linear base = bases.get(i);
      parts.add(onto(products.get(i), base, new Part(whole, from, base.out())));
      from += base.out();
    }
    return parts;
  }

  private Optional<Linear> dense(List<Linear> bases) {
    if (!bases.stream().allMatch(Dense.class::isInstance)) {
      return Optional.empty();
    }
    List<Dense> dense = bases.stream().map(Dense.class::cast).toList();
    Optional<Tensor> weight = cat(dense.stream().map(Dense::weight));
    Bias bias = Bias.of(dense.stream().map(d -> Optional.ofNullable(d.bias())).toList());
    return bias.joins() ? weight.map(w -> laidOut(new Dense(w, bias.joined()))) : Optional.empty();
  }

  private static Optional<Linear> int8(List<Linear> bases) {
    if (!bases.stream().allMatch(Int8.class::isInstance)) {
      return Optional.empty();
    }
    List<Int8> int8 = bases.stream().map(Int8.class::cast).toList();
    Optional<Tensor> weight = cat(int8.stream().map(Int8::weight));
    Optional<Tensor> scale = cat(int8.stream().map(Int8::scale));
    Bias bias = Bias.of(int8.stream().map(q -> Optional.ofNullable(q.bias())).toList());
    return bias.joins()
        ? weight.flatMap(w -> scale.map(s -> new Int8(w, s, bias.joined())))
        : Optional.empty();
  }

  private static Optional<Linear> joinable(List<Linear> bases) {
    return bases.get(0) instanceof Joinable first ? first.joined(bases) : Optional.empty();
  }

  /** Rows of equally typed tensors one after the other. */
  private static Optional<Tensor> cat(Stream<Tensor> rows) {
    List<Tensor> all = rows.toList();
    return all.stream().map(Tensor::dtype).distinct().count() == 1
        ? Optional.of(Tensor.cat(all, 0))
        : Optional.empty();
  }

  /** Biases of products that might be joined: all have one, or none has. */
  private record Bias(boolean joins, @Nullable Tensor joined) {
    static Bias of(List<Optional<Tensor>> biases) {
      List<Tensor> given = biases.stream().flatMap(Optional::stream).toList();
      boolean joins = given.isEmpty() || given.size() == biases.size();
      return new Bias(joins, joins && !given.isEmpty() ? Tensor.cat(given, 0) : null);
    }
  }

  private Linear laidOut(Dense dense) {
    DType dtype = dense.weight().dtype();
    return dtype == activations && BlockedDense.isAvailable(dtype) ? BlockedDense.of(dense) : dense;
  }

  /** What lies below a product's adapters. */
  private static Linear base(Linear linear) {
    return linear instanceof Adapter adapter ? base(adapter.base()) : linear;
  }

  private static Linear onto(Linear linear, Linear old, Linear base) {
    return linear instanceof Adapter
        ? Tree.rewrite(linear, Linear.class, (path, l) -> l.equals(old) ? base : l)
        : base;
  }
}
