package ai.kindred.core.kernel;

import ai.djl.ndarray.NDList;
import ai.kindred.core.kernel.Node.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A function of tensors as one native call. The function runs once on symbols; what it does is
 * recorded, written as a TorchScript program and run by libtorch. Argument and result are trees: a
 * tensor, or a record, list or map of trees.
 *
 * <pre>{@code
 * Kernel<Tensor, Tensor> softplus = Kernel.of(x -> x.exp().add(1).log());
 * Tensor y = softplus.call(x);
 * }</pre>
 *
 * <p>Tensors that the function meets without being given them become inputs too, and stay the same
 * for every call. The function is traced again for other element types, numbers of axes or
 * configuration, and where it asked for a length as a {@code long} that has changed. A {@code for}
 * over layers is unrolled; {@link #loop} is not. With {@code -Dkindred.eager} the function itself
 * runs at every call, operation by operation, for breakpoints.
 *
 * @param <A> argument tree
 * @param <R> result tree
 */
public final class Kernel<A, R> implements AutoCloseable {

  /** How calls run. */
  private enum Mode {
    COMPILED,
    EAGER,
    FINITE;

    static final Mode SETTING =
        Boolean.getBoolean("kindred.finite")
            ? FINITE
            : Boolean.getBoolean("kindred.eager") ? EAGER : COMPILED;
  }

  private record Traced(
      Object structure,
      Trace trace,
      Block block,
      List<Symbol> outputs,
      Object result,
      ProgramText text,
      Program program,
      Backing backing) {}

  private final Function<A, R> function;
  private final Mode mode;
  private final List<Traced> traced = new ArrayList<>();
  private final Scope constants = Scope.detached();

  private Kernel(Function<A, R> function, Mode mode) {
    this.function = function;
    this.mode = mode;
  }

  /** The kernel of a function. */
  public static <A, R> Kernel<A, R> of(Function<A, R> function) {
    return new Kernel<>(function, Mode.SETTING);
  }

  /** The kernel of a function that is run operation by operation, whatever the setting. */
  static <A, R> Kernel<A, R> eager(Function<A, R> function) {
    return new Kernel<>(function, Mode.EAGER);
  }

  /** The kernel of a function whose operations are run and checked one by one. */
  static <A, R> Kernel<A, R> finite(Function<A, R> function) {
    return new Kernel<>(function, Mode.FINITE);
  }

  /**
   * The kernel of a function run on stacked arguments: every leaf of argument and result has a
   * leading lane axis, one lane a call of the function; tensors that the function meets are shared
   * by all lanes.
   */
  public static <A, R> Kernel<A, R> stacked(Function<A, R> function) {
    return of(arguments -> lanes(function, arguments));
  }

  /**
   * Runs the function; the results belong to the thread's innermost {@link Scope}.
   *
   * @throws KernelException where it cannot be traced, loaded or run, naming the operation and Java
   *     line
   */
  public R call(A argument) {
    if (Trace.active() != null) {
      return function.apply(argument);
    }
    if (mode != Mode.COMPILED) {
      return oneByOne(argument);
    }
    List<Value> inputs = values(argument);
    Traced t = find(argument, inputs);
    inputs.addAll(t.trace().captured);
    NDList results = t.program().run(inputs, Scope.current(), t.text());
    List<Meta> metas = t.outputs().stream().map(Symbol::meta).toList();
    @SuppressWarnings("unchecked") // The result's tree is the function's own, its symbols replaced.
    R result =
        (R) Tree.fill(t.result(), Eager.wrap(results, metas, t.backing(), inputs).iterator());
    return result;
  }

  /** Runs operation by operation. */
  private R oneByOne(A argument) {
    try (Scope scope = Scope.open()) {
      if (mode == Mode.EAGER) {
        return scope.keep(function.apply(argument));
      }
      Finite.argument(Tree.leaves(argument));
      return scope.keep(Finite.within(() -> function.apply(argument)));
    }
  }

  /** The TorchScript text for an argument. */
  public String program(A argument) {
    return find(argument, values(argument)).text().program();
  }

  /**
   * Floating-point operations of a call, multiply and add counted apart. Gradients are counted as
   * the operations that they flow back through, once for each argument that has one.
   */
  public double flops(A argument) {
    return Cost.flops(find(argument, values(argument)).block());
  }

  /**
   * Estimate of the most bytes that the tensors made by a call take at once; arguments, what the
   * function captures and the inner memory of operations are not counted.
   */
  public double peakBytes(A argument) {
    Traced t = find(argument, values(argument));
    return Memory.peak(t.block(), t.outputs());
  }

  private static List<Value> values(Object argument) {
    List<Value> values = new ArrayList<>();
    Tree.forEach(argument, t -> values.add((Value) t));
    return values;
  }

  private synchronized Traced find(A argument, List<Value> inputs) {
    Object structure = Tree.structure(argument);
    for (Traced t : traced) {
      if (t.structure().equals(structure) && t.trace().serves(inputs)) {
        return t;
      }
    }
    Traced made = trace(argument, structure);
    traced.add(made);
    return made;
  }

  private Traced trace(A argument, Object structure) {
    Trace trace = new Trace();
    return constants.within(
        () ->
            trace.run(
                () -> {
                  A symbols = Tree.map(argument, t -> trace.input((Value) t));
                  R result = function.apply(symbols);
                  List<Symbol> outputs = lifted(trace, result);
                  List<Symbol> inputs = new ArrayList<>(trace.inputs);
                  inputs.addAll(trace.capturedSymbols);
                  ProgramText text = Printer.print(inputs, trace.block(), outputs);
                  return new Traced(
                      structure,
                      trace,
                      trace.block(),
                      outputs,
                      result,
                      text,
                      Programs.SHARED.of(text),
                      Backing.of(inputs, trace.block(), outputs));
                }));
  }

  /** Frees the constants that the function made while it was traced. */
  @Override
  public void close() {
    constants.close();
  }

  private static List<Symbol> lifted(Trace trace, Object tree) {
    List<Symbol> symbols = new ArrayList<>();
    Tree.forEach(tree, t -> symbols.add(trace.lift(t)));
    return symbols;
  }

  // Inside kernels.

  /**
   * Repeats {@code body} n times; the carry tree keeps its shapes. The body is traced once.
   *
   * @param n number of turns; may depend on the inputs
   * @param carry what the first turn gets
   * @param body from the turn's index and carry to the next carry
   */
  public static <C> C loop(Dim n, C carry, BiFunction<Dim, C, C> body) {
    List<Tensor> initial = new ArrayList<>(Tree.leaves(carry).values());
    List<Tensor> last =
        loop(
            n,
            initial,
            0,
            (i, leaves) -> {
              C next = body.apply(i, Tree.fill(carry, leaves.iterator()));
              return new Turn(new ArrayList<>(Tree.leaves(next).values()), List.of());
            });
    return Tree.fill(carry, last.iterator());
  }

  /** Repeats {@code body} n times and joins its results along an axis. */
  public static Tensor cat(Dim n, int axis, Function<Dim, Tensor> body) {
    return loop(n, List.of(), axis, (i, none) -> new Turn(List.of(), List.of(body.apply(i))))
        .get(0);
  }

  /**
   * A loop's last carry, and what its turns gave.
   *
   * @param carry after the last turn
   * @param collected each leaf with a leading axis, one entry a turn
   */
  public record Scanned<C, E>(C carry, E collected) {}

  /**
   * Repeats {@code body} n times, at least once, carrying a tree on and collecting another.
   *
   * @param carry what the first turn gets; it keeps its types and shapes
   * @param body from the turn's index and carry to the next carry and what is collected, whose
   *     types and shapes are the same in every turn
   */
  public static <C, E> Scanned<C, E> scan(Dim n, C carry, BiFunction<Dim, C, Scanned<C, E>> body) {
    List<Tensor> initial = new ArrayList<>(Tree.leaves(carry).values());
    List<E> shape = new ArrayList<>();
    List<List<Dim>> shapes = new ArrayList<>();
    List<Tensor> results =
        loop(
            n,
            initial,
            0,
            (i, leaves) -> {
              Scanned<C, E> turn = body.apply(i, Tree.fill(carry, leaves.iterator()));
              shape.add(turn.collected());
              shapes.clear();
              List<Tensor> rows = new ArrayList<>();
              for (Tensor t : Tree.leaves(turn.collected()).values()) {
                shapes.add(t.shape());
                rows.add(t.reshape(1, -1));
              }
              return new Turn(new ArrayList<>(Tree.leaves(turn.carry()).values()), rows);
            });
    List<Tensor> collected = new ArrayList<>();
    for (int e = 0; e < shapes.size(); e++) {
      List<Dim> whole = new ArrayList<>(shapes.get(e));
      whole.add(0, n);
      collected.add(results.get(initial.size() + e).reshape(whole.toArray(new Dim[0])));
    }
    return new Scanned<>(
        Tree.fill(carry, results.subList(0, initial.size()).iterator()),
        Tree.fill(shape.get(0), collected.iterator()));
  }

  /**
   * Zeros of the types and lengths that the body's result has, so that a sum of results can begin.
   * Inside a kernel the body is traced and left out of the program.
   */
  public static <T> T zerosLike(Supplier<T> body) {
    Trace trace = Trace.active();
    T result = trace == null ? body.get() : trace.into(new Block(), body);
    return Tree.map(result, t -> Tensor.full(0, t.dtype(), t.shape().toArray(new Dim[0])));
  }

  /** What a turn of a loop gives: the next carry, and what is collected. */
  record Turn(List<Tensor> carry, List<Tensor> emits) {}

  static List<Tensor> loop(
      Dim n, List<Tensor> initial, int axis, BiFunction<Dim, List<Tensor>, Turn> body) {
    Trace trace = Trace.active();
    return trace == null ? repeat(n, initial, axis, body) : record(trace, n, initial, axis, body);
  }

  private static List<Tensor> repeat(
      Dim n, List<Tensor> initial, int axis, BiFunction<Dim, List<Tensor>, Turn> body) {
    if (n.value() <= 0) {
      List<Tensor> results = new ArrayList<>(initial);
      results.addAll(noTurns(initial, axis, body));
      return results;
    }
    List<Tensor> carry = initial;
    List<List<Tensor>> collected = new ArrayList<>();
    for (long i = 0; i < n.value(); i++) {
      Turn turn = body.apply(Dim.of(i), carry);
      carry = turn.carry();
      for (int e = 0; e < turn.emits().size(); e++) {
        if (collected.size() <= e) {
          collected.add(new ArrayList<>());
        }
        collected.get(e).add(turn.emits().get(e));
      }
    }
    List<Tensor> results = new ArrayList<>(carry);
    collected.forEach(parts -> results.add(Tensor.cat(parts, axis)));
    return results;
  }

  /** What a loop without turns has collected: tensors of length 0, shaped as a turn would say. */
  private static List<Tensor> noTurns(
      List<Tensor> initial, int axis, BiFunction<Dim, List<Tensor>, Turn> body) {
    List<Meta> metas =
        new Trace()
            .run(() -> body.apply(Dim.of(0), initial).emits().stream().map(Tensor::meta).toList());
    List<Tensor> empty = new ArrayList<>();
    for (Meta m : metas) {
      List<Dim> shape = Shapes.with(m.shape(), Meta.fromEnd(axis, m.rank()), Dim.of(0));
      empty.add(Tensor.full(0, m.dtype(), shape.toArray(new Dim[0])));
    }
    return empty;
  }

  private static List<Tensor> record(
      Trace trace,
      Dim n,
      List<Tensor> initial,
      int axis,
      BiFunction<Dim, List<Tensor>, Turn> body) {
    int id = trace.newLoop();
    List<Symbol> first = initial.stream().map(trace::lift).toList();
    int inside = trace.nextSymbol();
    List<Symbol> carry = first.stream().map(s -> trace.symbol(s.meta())).toList();
    Block block = new Block();
    Turn turn =
        trace.into(block, () -> body.apply(Dim.of(new Dim.Index(id), null), List.copyOf(carry)));
    List<Symbol> next = turn.carry().stream().map(trace::lift).toList();
    List<Symbol> emits = turn.emits().stream().map(trace::lift).toList();
    for (int i = 0; i < carry.size(); i++) {
      Meta from = carry.get(i).meta();
      Meta to = next.get(i).meta();
      if (from.dtype() != to.dtype() || !Shapes.agree(from.shape(), to.shape())) {
        throw KernelException.at(
            trace.where(),
            "a loop's carry must keep its type and shape: " + from + " became " + to,
            null);
      }
    }
    List<Symbol> outputs = new ArrayList<>();
    carry.forEach(s -> outputs.add(trace.symbol(s.meta())));
    int fromEnd = emits.isEmpty() ? axis : Meta.fromEnd(axis, emits.get(0).rank());
    for (Symbol s : emits) {
      Dim each = s.size(fromEnd);
      outputs.add(
          each.variesIn(id, inside)
              ? trace.symbolOpenAlong(s.meta(), fromEnd)
              : trace.symbol(new Meta(s.dtype(), Shapes.with(s.shape(), fromEnd, each.times(n)))));
    }
    trace
        .block()
        .nodes()
        .add(
            new Node.Loop(
                id, n, first, carry, block, next, emits, fromEnd, outputs, trace.where()));
    return List.copyOf(outputs);
  }

  /**
   * Marks a part of a function (a block of a model) whose inner results are not kept for the
   * gradient but computed again: less memory for about a third more time. Outside a {@link Grad} it
   * changes nothing.
   */
  public static <T> T checkpoint(Supplier<T> body) {
    Trace trace = Trace.active();
    if (trace == null) {
      return body.get();
    }
    Block block = new Block();
    T result = trace.into(block, body);
    List<Symbol> outputs = lifted(trace, result);
    trace.block().nodes().add(new Node.Checkpoint(block, outputs, trace.where()));
    return result;
  }

  /** Names a part of a model, so that errors inside tell its path. */
  public static <T> T named(String name, Supplier<T> body) {
    return ModulePath.within(name, body);
  }

  private static <A, R> R lanes(Function<A, R> function, A arguments) {
    List<Tensor> leaves = new ArrayList<>(Tree.leaves(arguments).values());
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("a stacked kernel needs at least one tensor");
    }
    for (Tensor t : leaves) {
      if (t.rank() == 0) {
        throw new IllegalArgumentException("a tensor without axes has no lanes to stack");
      }
    }
    Dim width = leaves.get(0).size(0);
    leaves.forEach(t -> Shapes.same(t.size(0), width, "lanes of stacked arguments"));
    Trace trace = Trace.active();
    if (trace == null) {
      return laneByLane(function, arguments, width.value());
    }
    // Another day a leaf of one lane would be repeated in silence.
    leaves.forEach(t -> trace.guardEqual(t.size(0), width));
    Map<Symbol, Tensor> stacked = new HashMap<>();
    A one =
        Tree.map(
            arguments,
            t -> {
              Symbol s = lane(trace, t);
              stacked.put(s, t);
              return s;
            });
    Block block = new Block();
    R result = trace.into(block, () -> function.apply(one));
    List<Symbol> outputs = lifted(trace, result);
    return Tree.fill(result, Stacking.replay(block, stacked, outputs, width).iterator());
  }

  /** A symbol for one lane of a stacked tensor, its lengths those of the tensor's later axes. */
  private static Symbol lane(Trace trace, Tensor t) {
    return trace.symbol(new Meta(t.dtype(), t.shape().subList(1, t.rank())));
  }

  private static <A, R> R laneByLane(Function<A, R> function, A arguments, long width) {
    if (width == 0) {
      throw new IllegalArgumentException("a stacked kernel needs at least one lane");
    }
    List<R> results = new ArrayList<>();
    for (long i = 0; i < width; i++) {
      long lane = i;
      results.add(function.apply(Tree.map(arguments, t -> t.select(0, lane))));
    }
    List<List<Tensor>> columns = new ArrayList<>();
    results.forEach(r -> columns.add(new ArrayList<>(Tree.leaves(r).values())));
    List<Tensor> joined = new ArrayList<>();
    for (int leaf = 0; leaf < columns.get(0).size(); leaf++) {
      int at = leaf;
      joined.add(Tensor.stack(columns.stream().map(c -> c.get(at)).toList(), 0));
    }
    return Tree.fill(results.get(0), joined.iterator());
  }
}
