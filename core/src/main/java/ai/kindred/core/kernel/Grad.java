package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Gradients. The only way to get them: no tape outlives a call.
 *
 * <pre>{@code
 * Grad<Params> g = Grad.of(p -> loss(p, batch), params);
 * params = params.sub(g.grads().mul(learningRate));
 * }</pre>
 *
 * @param value the function's value, a tensor of one element, cut off from the tape
 * @param grads the gradient of each leaf, in a tree like the argument's; zero where the value does
 *     not depend on it
 * @param <T> the argument's tree
 */
public record Grad<T>(Tensor value, T grads) {

  /**
   * Value and gradients of a function of one-element result at {@code at}. Inside a kernel this
   * becomes part of its program. Parts marked by {@link Kernel#checkpoint} are computed twice to
   * save memory. Gradients taken inside {@code f} are constants to it: there are no second
   * derivatives.
   *
   * @throws IllegalArgumentException where a leaf is not of a floating type, or where a kernel's
   *     value does not depend on any leaf
   */
  public static <T> Grad<T> of(Function<T, Tensor> f, T at) {
    Tree.leaves(at)
        .forEach(
            (path, t) -> {
              if (!t.dtype().isFloating()) {
                throw new IllegalArgumentException(
                    "no gradient exists for " + path + " of type " + t.dtype());
              }
            });
    Trace trace = Trace.active();
    if (trace == null) {
      T variables = Tree.map(at, Ops.VARIABLE::apply);
      Tensor y = f.apply(variables);
      List<? extends Tensor> grads =
          gradients(List.of(y), List.of(Op.None.NONE), leaves(variables));
      return new Grad<>(y.detach(), Tree.fill(at, grads.iterator()));
    }
    List<Tensor> origins = leaves(at);
    Map<Symbol, Tensor> origin = new LinkedHashMap<>();
    T variables =
        Tree.map(
            at,
            t -> {
              Symbol s = trace.symbol(t.meta());
              origin.put(s, t);
              return s;
            });
    Block block = new Block();
    Symbol y = trace.lift(trace.into(block, () -> f.apply(variables)));
    if (!Dependents.of(block.nodes(), origin.keySet()).contains(y)) {
      throw new IllegalArgumentException(
          "the value does not depend on anything that gradients are taken of");
    }
    return segmented(block).size() == 1
        ? whole(trace, block, y, origin, at)
        : bySegments(block, y, origin, at, origins);
  }

  /** A value with the function that pulls a cotangent of it back to the argument. */
  public record Pullback<T>(Tensor value, Function<Tensor, T> pull) {}

  /**
   * Value of {@code f} at {@code at}, and the map from a cotangent of the value to one of the
   * argument, which can be applied once.
   */
  public static <T> Pullback<T> vjp(Function<T, Tensor> f, T at) {
    T variables = Tree.map(at, Ops.VARIABLE::apply);
    Tensor y = f.apply(variables);
    return new Pullback<>(
        y.detach(),
        cotangent ->
            Tree.fill(at, gradients(List.of(y), List.of(cotangent), leaves(variables)).iterator()));
  }

  private static List<Tensor> leaves(Object tree) {
    return new ArrayList<>(Tree.leaves(tree).values());
  }

  private static List<? extends Tensor> gradients(
      List<Tensor> of, List<?> cotangents, List<Tensor> variables) {
    return variables.isEmpty() ? List.of() : Ops.GRADIENT.applyAll(of, cotangents, variables);
  }

  private static <T> Grad<T> whole(
      Trace trace, Block block, Symbol y, Map<Symbol, Tensor> origin, T at) {
    List<Node> nodes = trace.block().nodes();
    origin.forEach(
        (s, t) ->
            nodes.add(
                new Node.Call(Ops.VARIABLE, List.of(trace.lift(t)), List.of(s), trace.where())));
    nodes.addAll(block.nodes());
    List<? extends Tensor> grads =
        gradients(List.of(y), List.of(Op.None.NONE), new ArrayList<>(origin.keySet()));
    return new Grad<>(y.detach(), Tree.fill(at, grads.iterator()));
  }

  /**
   * The steps cut at checkpoints: each checkpoint is a segment, and so are the steps between two.
   */
  private static List<List<Node>> segmented(Block block) {
    List<List<Node>> segments = new ArrayList<>();
    List<Node> plain = new ArrayList<>();
    for (Node node : block.nodes()) {
      if (node instanceof Node.Checkpoint) {
        segments.add(plain);
        segments.add(List.of(node));
        plain = new ArrayList<>();
      } else {
        plain.add(node);
      }
    }
    segments.add(plain);
    return segments;
  }

  /**
   * Reverse mode a segment at a time: every segment but the last runs forward without a tape; then,
   * last to first, each runs again with one, from the values kept at its border.
   */
  private static <T> Grad<T> bySegments(
      Block block, Symbol y, Map<Symbol, Tensor> origin, T at, List<Tensor> origins) {
    List<List<Node>> segments = segmented(block);
    segments.forEach(Grad::requireOwnTargets);
    Set<Symbol> dependent = Dependents.of(block.nodes(), origin.keySet());
    Map<Symbol, Tensor> values = new HashMap<>(origin);
    for (List<Node> segment : segments.subList(0, segments.size() - 1)) {
      new Replay(values).run(segment);
    }
    Map<Symbol, Tensor> cotangents = new HashMap<>();
    Tensor value = null;
    for (int j = segments.size() - 1; j >= 0; j--) {
      List<Node> segment = segments.get(j);
      List<Symbol> outputs = new ArrayList<>();
      List<Object> seeds = new ArrayList<>();
      for (Symbol s : Replay.definitions(segment)) {
        Tensor cotangent = cotangents.get(s);
        if (s == y || cotangent != null) {
          outputs.add(s);
          seeds.add(s == y ? Op.None.NONE : cotangent);
        }
      }
      List<Symbol> inputs = Replay.uses(segment).stream().filter(dependent::contains).toList();
      if (outputs.isEmpty() || inputs.isEmpty()) {
        continue;
      }
      Map<Symbol, Tensor> taped = new HashMap<>(values);
      List<Tensor> variables = new ArrayList<>();
      for (Symbol s : inputs) {
        Tensor v = Ops.VARIABLE.apply(Objects.requireNonNull(values.get(s)));
        variables.add(v);
        taped.put(s, v);
      }
      Replay replay = new Replay(taped);
      replay.run(segment);
      List<Tensor> of = outputs.stream().map(replay::get).toList();
      List<? extends Tensor> grads = gradients(of, seeds, variables);
      for (int i = 0; i < inputs.size(); i++) {
        cotangents.merge(inputs.get(i), grads.get(i), Tensor::add);
      }
      value = outputs.contains(y) ? replay.get(y).detach() : value;
    }
    if (value == null) {
      throw new IllegalArgumentException(
          "the value does not depend on anything that gradients are taken of");
    }
    List<Tensor> grads = new ArrayList<>();
    int i = 0;
    for (Symbol s : origin.keySet()) {
      Tensor g = cotangents.get(s);
      Tensor zero = origins.get(i++);
      grads.add(g == null ? zero.mul(0) : g);
    }
    return new Grad<>(value, Tree.fill(at, grads.iterator()));
  }

  /** Steps that run twice must not write over what other steps made. */
  private static void requireOwnTargets(List<Node> segment) {
    Set<Symbol> outside = Replay.uses(segment);
    Aliases aliases = Aliases.of(segment);
    Replay.calls(
        segment,
        call -> {
          if (Ops.writes(call.op())
              && aliases.of((Symbol) call.args().get(0)).stream().anyMatch(outside::contains)) {
            throw KernelException.at(
                call.where(),
                call.op().name()
                    + " writes over a tensor from outside its checkpoint, and would do so again"
                    + " when the checkpoint is computed again; copy the tensor first",
                null);
          }
        });
  }
}
