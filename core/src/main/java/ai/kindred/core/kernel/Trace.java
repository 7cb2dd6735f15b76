package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import ai.kindred.core.kernel.Node.Where;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The recording of a kernel: the function runs once on symbols and every operation becomes a node
 * here.
 */
final class Trace {

  /**
   * A number that was baked in: the program is right only while {@code dim} equals {@code value}.
   */
  record Guard(Dim dim, long value) {}

  private static final ThreadLocal<@Nullable Trace> ACTIVE = new ThreadLocal<>();

  final List<Symbol> inputs = new ArrayList<>();
  final List<Value> captured = new ArrayList<>();
  final List<Symbol> capturedSymbols = new ArrayList<>();
  private final Set<Guard> guards = new LinkedHashSet<>();
  private final IdentityHashMap<Value, Symbol> seen = new IdentityHashMap<>();
  private final Deque<Block> blocks = new ArrayDeque<>();
  private int symbols;
  private int loops;
  private @Nullable Where rewritten;

  Trace() {
    blocks.push(new Block());
  }

  static @Nullable Trace active() {
    return ACTIVE.get();
  }

  static Trace current() {
    Trace t = ACTIVE.get();
    if (t == null) {
      throw new IllegalStateException(
          "no kernel is being traced on this thread: a symbol has left its kernel");
    }
    return t;
  }

  /** Runs {@code body} with this trace as the thread's active one. */
  <T> T run(Supplier<T> body) {
    Trace outer = ACTIVE.get();
    ACTIVE.set(this);
    try {
      return body.get();
    } finally {
      if (outer == null) {
        ACTIVE.remove();
      } else {
        ACTIVE.set(outer);
      }
    }
  }

  /** Runs {@code body} on values, outside any trace. */
  static <T> T paused(Supplier<T> body) {
    Trace outer = ACTIVE.get();
    ACTIVE.remove();
    try {
      return body.get();
    } finally {
      if (outer != null) {
        ACTIVE.set(outer);
      }
    }
  }

  Block block() {
    return blocks.element();
  }

  /** Records what {@code body} does into a block of its own. */
  <T> T into(Block block, Supplier<T> body) {
    blocks.push(block);
    try {
      return body.get();
    } finally {
      blocks.pop();
    }
  }

  /**
   * Runs {@code body}, whose steps are another step's rewritten: they keep its place in the user's
   * code.
   */
  <T> T at(Where place, Supplier<T> body) {
    Where outer = rewritten;
    rewritten = place;
    try {
      return body.get();
    } finally {
      rewritten = outer;
    }
  }

  Where where() {
    if (rewritten != null) {
      return rewritten;
    }
    return Where.now(ModulePath.current());
  }

  /** Symbols made from now on have this id or a greater one. */
  int nextSymbol() {
    return symbols;
  }

  /** A symbol with an axis whose length only running the kernel can tell. */
  Symbol symbolOpenAlong(Meta meta, int axisFromEnd) {
    return new Symbol(
        symbols++,
        self -> {
          Dim open = Dim.of(new Dim.Size(self, meta.rank() + axisFromEnd), null);
          return new Meta(meta.dtype(), Shapes.with(meta.shape(), axisFromEnd, open));
        });
  }

  int newLoop() {
    return loops++;
  }

  Symbol symbol(Meta meta) {
    return new Symbol(symbols++, meta);
  }

  /** A declared input whose lengths stay symbolic. */
  Symbol input(Value example) {
    Symbol s =
        new Symbol(
            symbols++,
            self -> {
              List<Dim> shape = new ArrayList<>();
              for (int i = 0; i < example.rank(); i++) {
                shape.add(Dim.of(new Dim.Size(self, i), example.size(i).hint()));
              }
              return new Meta(example.dtype(), shape);
            });
    inputs.add(s);
    return s;
  }

  /** The symbol of a tensor that the function met without being given it. */
  Symbol lift(Tensor t) {
    if (t instanceof Symbol s) {
      return s;
    }
    Value v = (Value) t;
    Symbol known = seen.get(v);
    if (known == null) {
      known = symbol(v.meta());
      seen.put(v, known);
      captured.add(v);
      capturedSymbols.add(known);
    }
    return known;
  }

  void guard(Dim dim, long value) {
    guards.add(new Guard(dim, value));
  }

  /** The program is right only while two lengths are the same. */
  void guardEqual(Dim x, Dim y) {
    if (!x.equals(y)) {
      guard(x.minus(y), 0);
    }
  }

  /** Whether what was baked in is still so. */
  boolean serves(List<Value> arguments) {
    for (Guard g : guards) {
      Dim now =
          g.dim()
              .substitute(
                  atom -> {
                    Dim.Size size = (Dim.Size) atom;
                    return arguments.get(inputs.indexOf(size.symbol())).size(size.axis());
                  });
      if (!now.is(g.value())) {
        return false;
      }
    }
    return true;
  }

  List<Symbol> record(Op op, Object[] args) {
    Object[] lifted = args.clone();
    for (int i = 0; i < lifted.length; i++) {
      lifted[i] = liftArg(lifted[i]);
    }
    List<Meta> metas;
    try {
      metas = op.rule().infer(lifted);
    } catch (IllegalArgumentException e) {
      throw KernelException.at(where(), op.name() + ": " + e.getMessage(), e);
    }
    List<Symbol> outputs = metas.stream().map(this::symbol).toList();
    block().nodes().add(new Node.Call(op, List.of(lifted), outputs, where()));
    return outputs;
  }

  private Object liftArg(Object arg) {
    if (arg instanceof Tensor t) {
      return lift(t);
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(a -> a == null ? a : liftArg(a)).toList();
    }
    return arg;
  }
}
